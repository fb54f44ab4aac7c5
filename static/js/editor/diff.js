// What differs between two texts, by lines, within a bounded amount of work.
const MAX_CELLS = 1_000_000;

/** [["same" | "removed" | "added", line], …]. */
export const compare = (before, after) => {
  const old = before.split("\n");
  const now = after.split("\n");
  let start = 0;
  while (start < old.length && start < now.length && old[start] === now[start]) start += 1;
  let end = 0;
  while (end < old.length - start && end < now.length - start && old[old.length - 1 - end] === now[now.length - 1 - end]) end += 1;
  const left = old.slice(start, old.length - end);
  const right = now.slice(start, now.length - end);
  return [
    ...old.slice(0, start).map((line) => ["same", line]),
    ...middle(left, right),
    ...old.slice(old.length - end).map((line) => ["same", line]),
  ];
};

const middle = (left, right) => {
  const removed = (line) => ["removed", line];
  const added = (line) => ["added", line];
  if (left.length * right.length > MAX_CELLS) return [...left.map(removed), ...right.map(added)];
  // The longest common subsequence, from the end.
  const width = right.length + 1;
  const lengths = new Uint16Array((left.length + 1) * width);
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i * width + j] =
        left[i] === right[j] ? lengths[(i + 1) * width + j + 1] + 1 : Math.max(lengths[(i + 1) * width + j], lengths[i * width + j + 1]);
    }
  }
  const found = [];
  let i = 0;
  let j = 0;
  while (i < left.length && j < right.length) {
    if (left[i] === right[j]) {
      found.push(["same", left[i]]);
      i += 1;
      j += 1;
    } else if (lengths[(i + 1) * width + j] >= lengths[i * width + j + 1]) {
      found.push(removed(left[i]));
      i += 1;
    } else {
      found.push(added(right[j]));
      j += 1;
    }
  }
  return [...found, ...left.slice(i).map(removed), ...right.slice(j).map(added)];
};
