/** What of a packet a rule asks for. */
export type PacketTest = { readonly not?: true } & (
  | { readonly kind: "family"; readonly families: readonly (4 | 6)[] }
  /** Numbers of IP protocols; 6 is TCP. */
  | { readonly kind: "protocol"; readonly protocols: readonly number[] }
  /** The address of whom it is from or to, as `192.0.2.0/24`. */
  | { readonly kind: "source" | "destination"; readonly networks: readonly string[] }
  /** The interface that it comes in by; a name may end with `*`. */
  | { readonly kind: "interface"; readonly names: readonly string[] }
  /** Its destination port. */
  | { readonly kind: "port"; readonly ranges: readonly (readonly [number, number])[] }
  /** What connection tracking has it for, in lower case; `dnat` where its destination was translated. */
  | { readonly kind: "state"; readonly states: readonly string[] }
  /** Something that lbctl does not judge. */
  | { readonly kind: "unknown" }
)

/** What becomes of a packet that a rule is for; `other` may be anything. */
export type FilterAction =
  /** `pass`: the next rule; `clamp`: that as well, and TCP peers are asked for smaller segments. */
  | { readonly kind: "accept" | "drop" | "return" | "pass" | "clamp" | "other" }
  | { readonly kind: "jump" | "goto"; readonly chain: string }

export interface FilterRule {
  readonly tests: readonly PacketTest[]
  readonly action: FilterAction
}

/** A list of rules of a kernel's packet filter. */
export interface FilterChain {
  /** The program that shows and changes it. */
  readonly tool: "iptables" | "ip6tables" | "nft"
  /** As that program is given it: `filter`, `inet filter`. */
  readonly table: string
  readonly name: string
  readonly families: readonly (4 | 6)[]
  /** Where packets come to it by themselves; undefined: by jumps alone. */
  readonly base?: {
    readonly hook: string
    /** `filter`, `nat` or `route`. */
    readonly type: string
    /** Chains of one hook are asked in its order. */
    readonly priority: number
    readonly policy: "accept" | "drop"
  }
  readonly rules: readonly FilterRule[]
}
