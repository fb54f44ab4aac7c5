"""The few words that the renderer itself adds, in the language of the text (not of the reader).

They are stored with the HTML, so they follow the text; translation catalogues follow the reader.
"""

_ENGLISH = {
    "note": "Note",
    "tip": "Tip",
    "important": "Important",
    "warning": "Warning",
    "caution": "Caution",
    "table": "Table",
    "footnotes": "Footnotes",
    "back": "Back to the text",
    "done": "Done",
    "open": "To do",
    "image": "Image",
    "video": "Video",
}
_ORDER = tuple(_ENGLISH)

_OTHERS = {
    "zh": "注|提示|重要|警告|小心|表格|脚注|返回正文|已完成|待办|图片|视频",
    "zh-hant": "註|提示|重要|警告|小心|表格|註腳|返回正文|已完成|待辦|圖片|影片",
    "ja": "注|ヒント|重要|警告|注意|表|脚注|本文に戻る|完了|未完了|画像|動画",
    "ko": "참고|팁|중요|경고|주의|표|각주|본문으로 돌아가기|완료|할 일|이미지|동영상",
    "de": "Hinweis|Tipp|Wichtig|Warnung|Vorsicht|Tabelle|Fußnoten|Zurück zum Text|Erledigt"
    "|Offen|Bild|Video",
    "fr": "Remarque|Astuce|Important|Avertissement|Attention|Tableau|Notes de bas de page"
    "|Retour au texte|Fait|À faire|Image|Vidéo",
    "es": "Nota|Consejo|Importante|Advertencia|Precaución|Tabla|Notas al pie"
    "|Volver al texto|Hecho|Por hacer|Imagen|Vídeo",
    "pt": "Nota|Dica|Importante|Aviso|Cuidado|Tabela|Notas de rodapé|Voltar ao texto"
    "|Feito|A fazer|Imagem|Vídeo",
    "it": "Nota|Suggerimento|Importante|Avviso|Attenzione|Tabella|Note|Torna al testo"
    "|Fatto|Da fare|Immagine|Video",
    "nl": "Opmerking|Tip|Belangrijk|Waarschuwing|Let op|Tabel|Voetnoten|Terug naar de tekst|Gedaan"
    "|Te doen|Afbeelding|Video",
    "pl": "Uwaga|Wskazówka|Ważne|Ostrzeżenie|Ostrożnie|Tabela|Przypisy|Powrót do tekstu|Zrobione"
    "|Do zrobienia|Obraz|Wideo",
    "tr": "Not|İpucu|Önemli|Uyarı|Dikkat|Tablo|Dipnotlar|Metne dön|Yapıldı|Yapılacak|Resim|Video",
    "uk": "Примітка|Порада|Важливо|Попередження|Обережно|Таблиця|Виноски|Назад до тексту"
    "|Зроблено|Не зроблено|Зображення|Відео",
    "ar": "ملاحظة|نصيحة|مهم|تحذير|تنبيه|جدول|حواشٍ|العودة إلى النص|تم|لم يتم|صورة|فيديو",
    "fa": "نکته|راهنمایی|مهم|هشدار|احتیاط|جدول|پانویس‌ها|بازگشت به متن|انجام شد|انجام نشده|تصویر"
    "|ویدیو",
    "he": "הערה|טיפ|חשוב|אזהרה|זהירות|טבלה|הערות שוליים|חזרה לטקסט|בוצע|לביצוע|תמונה|סרטון",
    "ru": "Примечание|Совет|Важно|Предупреждение|Осторожно|Таблица|Сноски"
    "|Вернуться к тексту|Сделано|Не сделано|Изображение|Видео",
}
_LABELS = {"en": _ENGLISH} | {
    code: dict(zip(_ORDER, words.split("|"), strict=True)) for code, words in _OTHERS.items()
}
_TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")


def label(name: str, language: str) -> str:
    """The word for `name` in `language` (a BCP 47 tag, "" unknown); English when there is none."""
    tag = language.lower().replace("_", "-")
    if tag.startswith(_TRADITIONAL):
        tag = "zh-hant"
    words = _LABELS.get(tag) or _LABELS.get(tag.split("-")[0]) or _ENGLISH
    return words[name]
