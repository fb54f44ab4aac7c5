// The text under the hand: CodeMirror in front of the real textarea, which stays what is sent.
import {
  defaultKeymap,
  deleteMarkupBackward,
  dropCursor,
  EditorSelection,
  EditorState,
  EditorView,
  HighlightStyle,
  highlightSpecialChars,
  history,
  historyKeymap,
  insertNewlineContinueMarkup,
  keymap,
  markdownLanguage,
  search,
  searchKeymap,
  syntaxHighlighting,
  tags,
} from "../../vendor/codemirror/codemirror.js";

const HIGHLIGHT = HighlightStyle.define([
  { tag: tags.heading, class: "md-heading" },
  { tag: tags.strong, class: "md-strong" },
  { tag: tags.emphasis, class: "md-emphasis" },
  { tag: [tags.link, tags.url], class: "md-link" },
  { tag: tags.monospace, class: "md-code" },
  { tag: tags.quote, class: "md-quote" },
  { tag: tags.strikethrough, class: "md-strike" },
  { tag: [tags.processingInstruction, tags.meta, tags.contentSeparator], class: "md-mark" },
]);

/**
 * Put an editor in front of `textarea`. `keys` are key bindings that come first; `covered()` tells how much of
 * the window something else covers, { top, bottom } in pixels: what is typed comes into view beside it.
 */
export const openSurface = (textarea, { nonce, keys, handlers, covered }) => {
  const listeners = [];
  const label = document.querySelector(`label[for="${textarea.id}"]`);
  const help = document.getElementById(`${textarea.id}_helptext`);
  const attributes = { "aria-multiline": "true", spellcheck: "true", autocorrect: "on", autocapitalize: "sentences" };
  if (label) {
    label.id ||= `${textarea.id}_label`;
    attributes["aria-labelledby"] = label.id;
  }
  if (help) attributes["aria-describedby"] = help.id;
  const view = new EditorView({
    state: EditorState.create({
      doc: textarea.value,
      extensions: [
        EditorView.cspNonce.of(nonce),
        keymap.of([
          ...keys,
          { key: "Enter", run: insertNewlineContinueMarkup },
          { key: "Backspace", run: deleteMarkupBackward },
          // Tab leaves the field, as everywhere else: nobody is caught in it.
          ...defaultKeymap,
          ...historyKeymap,
          ...searchKeymap,
        ]),
        history(),
        dropCursor(),
        highlightSpecialChars(),
        search({ top: true }),
        markdownLanguage,
        syntaxHighlighting(HIGHLIGHT),
        EditorView.lineWrapping,
        EditorView.scrollMargins.of(covered),
        EditorView.contentAttributes.of(attributes),
        EditorView.domEventHandlers(handlers),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) for (const listener of listeners) listener();
        }),
      ],
    }),
  });
  textarea.after(view.dom);
  textarea.hidden = true;
  // The label speaks for what is typed in now; a click on it still leads there.
  label?.removeAttribute("for");
  label?.addEventListener("click", () => view.focus());

  return {
    view,
    focus: () => view.focus(),
    onChange: (listener) => listeners.push(listener),
    text: () => view.state.doc.toString(),
    /** Bring the textarea up to date: before it is sent or read. */
    flush: () => {
      textarea.value = view.state.doc.toString();
    },
    replaceAll: (text) => {
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      textarea.value = text;
    },
    selected: () => {
      const { from, to } = view.state.selection.main;
      return view.state.sliceDoc(from, to);
    },
    insert: (text, { block = false } = {}) => {
      const { from, to } = view.state.selection.main;
      const line = view.state.doc.lineAt(from);
      const before = block && line.from !== from ? "\n\n" : "";
      const insert = before + text + (block ? "\n" : "");
      view.dispatch({ changes: { from, to, insert }, selection: { anchor: from + insert.length }, scrollIntoView: true });
      view.focus();
    },
  };
};

/** Put `mark` around each selection, or take it away where it stands already. */
export const wrap = (mark) => (view) => {
  const { state } = view;
  const change = state.changeByRange((range) => {
    const size = mark.length;
    const outside = state.sliceDoc(range.from - size, range.from) === mark && state.sliceDoc(range.to, range.to + size) === mark;
    if (outside) {
      return {
        changes: [{ from: range.from - size, to: range.from }, { from: range.to, to: range.to + size }],
        range: EditorSelection.range(range.from - size, range.to - size),
      };
    }
    return {
      changes: [{ from: range.from, insert: mark }, { from: range.to, insert: mark }],
      range: EditorSelection.range(range.from + size, range.to + size),
    };
  });
  view.dispatch(state.update(change, { scrollIntoView: true, userEvent: "input" }));
  view.focus();
  return true;
};

/** Put `prefix(number)` before each selected line; take it away where all lines have one. */
export const prefix = (make, pattern) => (view) => {
  const { state } = view;
  const { from, to } = state.selection.main;
  const lines = [];
  for (let at = state.doc.lineAt(from); ; at = state.doc.line(at.number + 1)) {
    lines.push(at);
    if (at.to >= to) break;
  }
  const all = lines.every((line) => pattern.test(line.text));
  const changes = lines.map((line, index) => {
    const there = pattern.exec(line.text)?.[0].length ?? 0;
    return { from: line.from, to: line.from + there, insert: all ? "" : make(index + 1) };
  });
  view.dispatch({ changes, scrollIntoView: true, userEvent: "input" });
  view.focus();
  return true;
};
