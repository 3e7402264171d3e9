/** Least number of letters put in, left out or exchanged that makes `b` of `a` (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const swap = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/**
 * What a mistyped name most likely means: names that hold it or that it holds, then names within half of its letters, nearest first,
 * whatever the case. The one nearest name if none is that near.
 */
export function nearestWords(word: string, names: readonly string[], most = 3): readonly string[] {
  const asked = word.toLowerCase();
  const ranked = names
    .map((name) => {
      const other = name.toLowerCase();
      const holds = asked !== "" && other !== "" && (other.includes(asked) || asked.includes(other));
      return { name, distance: editDistance(asked, other), holds };
    })
    .sort((a, b) => Number(b.holds) - Number(a.holds) || a.distance - b.distance);
  const near = ranked.filter(({ distance, holds }) => holds || distance <= Math.ceil(word.length / 2));
  return (near.length > 0 ? near : ranked.slice(0, 1)).slice(0, most).map(({ name }) => name);
}
