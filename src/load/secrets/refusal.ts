/** Why something encrypted stays closed, without a word of what is in it. */
export interface Refusal {
  readonly message: string
  readonly hint: string
}
