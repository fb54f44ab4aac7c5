// Words and minutes, by the rule of lib/text.py, on the Markdown as it is typed.
const WORDS_PER_MINUTE = 238;
const CJK_CHARACTERS_PER_MINUTE = 400;
const CJK = /[\u2e80-\u2fdf\u3005-\u3007\u3021-\u3029\u3031-\u3035\u3038-\u303c\u3041-\u3096\u309d-\u30ff\u3105-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\u{20000}-\u{3ffff}]/gu;
const WORD = /[\p{L}\p{N}](?:[\p{L}\p{N}\p{M}]|['\u2019.-][\p{L}\p{N}])*/gu;

export const count = (text) => {
  let cjk = 0;
  const spaced = text.replace(CJK, () => {
    cjk += 1;
    return " ";
  });
  const words = spaced.match(WORD)?.length ?? 0;
  const minutes = words + cjk ? Math.max(1, Math.round(words / WORDS_PER_MINUTE + cjk / CJK_CHARACTERS_PER_MINUTE)) : 0;
  return { words: words + cjk, minutes };
};
