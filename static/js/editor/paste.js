// What is pasted as formatted text, from a word processor or a page, becomes Markdown.
const MAX_LENGTH = 2_000_000; // characters of HTML; what is longer is pasted as plain text
const TELLING = "a[href], b, strong, em, i, del, s, h1, h2, h3, h4, h5, h6, ul, ol, blockquote, code, table, span[data-style*=font-], span[data-style*=line-through]";
const SKIPPED = new Set(["SCRIPT", "STYLE", "TEMPLATE", "TITLE", "META", "LINK", "NOSCRIPT", "SVG", "IFRAME", "OBJECT", "BUTTON", "SELECT"]);
const BLOCKS = new Set([
  ...["ADDRESS", "ARTICLE", "ASIDE", "BLOCKQUOTE", "BODY", "CENTER", "DD", "DETAILS", "DIV", "DL", "DT", "FIGCAPTION", "FIGURE", "FOOTER"],
  ...["FORM", "H1", "H2", "H3", "H4", "H5", "H6", "HEADER", "HR", "LI", "MAIN", "NAV", "OL", "P", "PRE", "SECTION", "TABLE", "UL"],
]);
// The policy of the page forbids styles, also in what is only parsed: they are read, not applied.
const STYLED_TAG = /<[a-z][^>]*\sstyle\s*=[^>]*>/gi;
const STYLES = /<style\b[^]*?<\/style\s*>/gi;
const ADDRESS = /^(?:https?:\/\/|mailto:)[^\s<>]+$/i;

/** The address in `text`, if it is one and nothing else. */
export const addressIn = (text) => (ADDRESS.test(text.trim()) ? text.trim() : "");

/** As the target of a Markdown link. */
export const asTarget = (address) => address.replaceAll(" ", "%20").replaceAll("(", "%28").replaceAll(")", "%29");

/** Markdown for `html`, or "" where the plain text beside it says as much. */
export const markdownOf = (html, origin = location.origin) => {
  if (!html || html.length > MAX_LENGTH) return "";
  const bare = html.replace(STYLES, "").replace(STYLED_TAG, (tag) => tag.replace(/\sstyle\s*=/gi, " data-style="));
  const { body } = new DOMParser().parseFromString(bare, "text/html");
  if (!body.querySelector(TELLING) || !body.textContent.trim() || isSource(body)) return "";
  const context = { origin, shift: body.querySelector("h1") ? 1 : 0 };
  return blocks(body, context).join("\n\n").replace(/\n{3,}/g, "\n\n").trim();
};

const styleOf = (element) => element.dataset.style ?? "";

/** Whether it comes from an editor of code, which colours a source that is meant as it stands. */
const isSource = ({ children }) => children.length === 1 && /white-space:\s*pre(?!-)/i.test(styleOf(children[0]));

const blocks = (parent, context) => {
  const found = [];
  let line = "";
  const end = () => {
    const text = tidy(line);
    if (text) found.push(guarded(text));
    line = "";
  };
  for (const node of parent.childNodes) {
    if (node.nodeType === Node.ELEMENT_NODE && !SKIPPED.has(node.tagName) && (BLOCKS.has(node.tagName) || holdsBlocks(node))) {
      end();
      found.push(...block(node, context));
    } else line += inline(node, context);
  }
  end();
  return found;
};

const holdsBlocks = (element) => [...element.querySelectorAll("*")].some((part) => BLOCKS.has(part.tagName));

const block = (element, context) => {
  const { tagName } = element;
  if (/^H[1-6]$/.test(tagName)) {
    const level = Math.min(6, Number(tagName[1]) + context.shift);
    const text = tidy(inlines(element, context)).replaceAll("\\\n", " ").replace(/^\*\*([^*]+)\*\*$/, "$1");
    return text ? [`${"#".repeat(level)} ${text}`] : [];
  }
  if (tagName === "UL" || tagName === "OL") return [list(element, context)].filter(Boolean);
  if (tagName === "BLOCKQUOTE") return [blocks(element, context).join("\n\n").replace(/^/gm, "> ").replace(/^> $/gm, ">")];
  if (tagName === "PRE") return [fenced(element)];
  if (tagName === "HR") return ["---"];
  if (tagName === "TABLE") return table(element, context);
  return blocks(element, context);
};

const fenced = (element) => {
  const text = element.textContent.replace(/\n+$/, "");
  const longest = Math.max(2, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const language = /(?:language|lang|brush)[-:]\s*([\w+-]+)/.exec(`${element.className} ${element.firstElementChild?.className ?? ""}`)?.[1] ?? "";
  const fence = "`".repeat(longest + 1);
  return `${fence}${language}\n${text}\n${fence}`;
};

const list = (element, context) => {
  const items = [];
  let number = Number(element.getAttribute("start") ?? 1) || 1;
  for (const item of element.children) {
    if (item.tagName === "UL" || item.tagName === "OL") {
      // Some word processors put the inner list beside its item.
      const inner = list(item, context);
      if (inner) items.push(inner.replace(/^(?=.)/gm, "   "));
      continue;
    }
    const parts = blocks(item, context);
    if (!parts.length) continue;
    const mark = element.tagName === "OL" ? `${number}. ` : "- ";
    number += 1;
    const isList = (part) => /^(?:- |\d+\. )/.test(part);
    const text = parts.reduce((before, part) => `${before}${isList(part) ? "\n" : "\n\n"}${part}`);
    items.push(mark + text.replace(/\n(?=.)/g, `\n${" ".repeat(mark.length)}`));
  }
  return items.join("\n");
};

const table = (element, context) => {
  const rows = [...element.rows].map((row) => [...row.cells].map((cell) => tidy(inlines(cell, context)).replaceAll("\\\n", " ").replaceAll("|", "\\|")));
  const width = Math.max(0, ...rows.map((row) => row.length));
  if (width < 2) return blocks({ childNodes: [...element.rows].flatMap((row) => [...row.cells]).flatMap((cell) => [...cell.childNodes]) }, context);
  const lines = rows.map((row) => `| ${[...row, ...Array(width - row.length).fill("")].join(" | ")} |`);
  return [[lines[0], `|${" --- |".repeat(width)}`, ...lines.slice(1)].join("\n")];
};

const inlines = (element, context) => [...element.childNodes].map((node) => inline(node, context)).join("");

const inline = (node, context) => {
  if (node.nodeType === Node.TEXT_NODE) return escaped(node.data.replace(/[\s\u00a0]+/g, " "));
  if (node.nodeType !== Node.ELEMENT_NODE || SKIPPED.has(node.tagName)) return "";
  const { tagName } = node;
  if (tagName === "BR") return "\\\n";
  if (tagName === "IMG") return picture(node, context);
  if (tagName === "CODE" || tagName === "KBD" || tagName === "SAMP" || tagName === "TT") return code(node.textContent);
  const text = inlines(node, context) + (BLOCKS.has(tagName) ? " " : "");
  if (tagName === "A") return link(node, text, context);
  const style = styleOf(node);
  const isBold = /^(?:B|STRONG)$/.test(tagName) ? !/font-weight:\s*(?:normal|400)/i.test(style) : /font-weight:\s*(?:bold|[6-9]00)/i.test(style);
  const isItalic = /^(?:I|EM|CITE)$/.test(tagName) ? !/font-style:\s*normal/i.test(style) : /font-style:\s*italic/i.test(style);
  const isStruck = /^(?:S|DEL|STRIKE)$/.test(tagName) || /text-decoration[\w-]*:[^;]*line-through/i.test(style);
  return around(around(around(text, isStruck && "~~"), isItalic && "*"), isBold && "**");
};

/** `text` between two of `mark`; the spaces at its ends stay outside, as Markdown wants. */
const around = (text, mark) => {
  const [, before, core, after] = /^(\s*)([^]*?)(\s*)$/.exec(text);
  return mark && core ? `${before}${mark}${core}${mark}${after}` : text;
};

const code = (text) => {
  if (!text.trim()) return text;
  const ticks = text.includes("`") ? "``" : "`";
  const room = text.includes("`") ? " " : "";
  return `${ticks}${room}${text.replace(/\s+/g, " ")}${room}${ticks}`;
};

const link = (element, text, { origin }) => {
  const address = target(element.getAttribute("href") ?? "", origin);
  const core = text.trim();
  if (!address || !core) return text;
  return around(text, "").replace(core, () => `[${core}](${address})`);
};

const picture = (element, { origin }) => {
  const address = target(element.getAttribute("src") ?? "", origin);
  const alt = escaped((element.getAttribute("alt") ?? "").replace(/\s+/g, " "));
  if (!address) return "";
  // Pages show pictures of their own site only; another one's is linked.
  return address.startsWith("/") ? `![${alt}](${address})` : `[${alt || escaped(address)}](${address})`;
};

/** Where an address leads, from this site where it is its own; "" for what no text should name. */
const target = (address, origin) => {
  let url = null;
  try {
    url = new URL(address, origin);
  } catch {
    return "";
  }
  // A search engine's way of counting clicks.
  if (/^www\.google\.[a-z.]+$/.test(url.hostname) && url.pathname === "/url" && url.searchParams.get("q")) return target(url.searchParams.get("q"), origin);
  if (!/^(?:https?|mailto):$/.test(url.protocol)) return "";
  return asTarget(url.origin === origin ? url.pathname + url.search + url.hash : url.href);
};

const escaped = (text) =>
  text
    .replace(/[\\`*[\]]/g, "\\$&")
    .replace(/<(?=[a-z/!?])/gi, "\\<")
    .replace(/(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\_");

/** Without the spaces that HTML does not show. */
const tidy = (text) =>
  text
    .replace(/ *\\\n */g, "\\\n")
    .replace(/(?:^(?:\s|\\\n)+)|(?:(?:\s|\\\n)+$)/g, "")
    .replace(/ {2,}/g, " ");

/** What begins a paragraph is none of Markdown's signs. */
const guarded = (text) => text.replace(/^(?:([#>+-])|(\d+)([.)]))(?=\s|$)/, (all, sign, number, dot) => (sign ? `\\${sign}` : `${number}\\${dot}`));

const FENCE = /^ {0,3}(?:```|~~~)/gm;

/** The handler of a paste: files are given to `upload`, formatted text and addresses become Markdown. */
export const pasting = (upload) => (event, view) => {
  const { clipboardData } = event;
  const { state } = view;
  const { from, to } = state.selection.main;
  const put = (changes, selection) => {
    event.preventDefault();
    view.dispatch({ changes, selection, scrollIntoView: true, userEvent: "input.paste" });
    return true;
  };
  const isCode = (state.sliceDoc(0, from).match(FENCE)?.length ?? 0) % 2 === 1;
  const address = addressIn(clipboardData?.getData("text/plain") ?? "");
  const chosen = state.sliceDoc(from, to);
  if (address && !isCode && chosen.trim() && !chosen.includes("\n") && !addressIn(chosen)) {
    return put([{ from, insert: "[" }, { from: to, insert: `](${asTarget(address)})` }]);
  }
  const markdown = address || isCode ? "" : markdownOf(clipboardData?.getData("text/html") ?? "");
  if (!markdown) return upload(event);
  const line = state.doc.lineAt(from);
  const isBlock = markdown.includes("\n\n") || /^(?:#|>|- |\d+\. |```|\|)/.test(markdown);
  const before = isBlock && state.sliceDoc(line.from, from).trim() ? "\n\n" : "";
  const after = isBlock && state.sliceDoc(to, line.to).trim() ? "\n\n" : "";
  const insert = before + markdown + after;
  return put({ from, to, insert }, { anchor: from + insert.length - after.length });
};
