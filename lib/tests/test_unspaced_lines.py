"""Lines of Chinese and Japanese are joined without a space; all others keep theirs."""

import pytest

from lib.markdown import render


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("旧门上贴了一\n张条子。", "旧门上贴了一张条子。"),
        ("一行，\n又一行", "一行，又一行"),
        ("カタカナ\nかな", "カタカナかな"),
        ("**重要**\n的事", "重要的事"),
        ("见[这里](/a)\n吧", "见这里吧"),
        ("用 Linux\n系统", "用 Linux 系统"),
        ("系统\nLinux", "系统 Linux"),
        ("black\nink", "black ink"),
        ("안녕\n하세요", "안녕 하세요"),
        ("😀\n😀", "😀 😀"),
        ("运行 `ls`\n即可", "运行 ls 即可"),
        ("图![墨](/a.png)\n后", "图 后"),
    ],
)
def test_lines_are_joined_as_their_script_is_written(source, text):
    assert " ".join(render(source).text.split()) == text


def test_a_hard_break_stays():
    assert "<br>" in render("一行  \n又一行").html
