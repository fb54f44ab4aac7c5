// The parts of CodeMirror that static/js/editor uses. `npm ci && npm run build` writes them to
// static/vendor/codemirror as one file.
export { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
export { deleteMarkupBackward, insertNewlineContinueMarkup, markdownLanguage } from "@codemirror/lang-markdown";
export { HighlightStyle, syntaxHighlighting } from "@codemirror/language";
export { search, searchKeymap } from "@codemirror/search";
export { EditorSelection, EditorState } from "@codemirror/state";
export { dropCursor, EditorView, highlightSpecialChars, keymap } from "@codemirror/view";
export { tags } from "@lezer/highlight";
