/**
 * A duration moved by up to a tenth, so that checks that began together do not stay together. The same seed and round
 * give the same result (FNV-1a, draft-eastlake-fnv).
 */
export function jittered(milliseconds: number, seed: string, round: number): number {
  let hash = 0x811c9dc5
  for (const character of `${seed}#${round}`)
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193) >>> 0
  return Math.round(milliseconds * (0.9 + (hash / 0xffffffff) * 0.2))
}
