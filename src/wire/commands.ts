import { quote } from "./shell.ts"

/** Where the node script keeps its state. */
export const stateFolder = "/var/lib/lbctl"

/** A transaction's name: a word of lower-case letters, digits and hyphens, new for every activation. */
export function isTransactionId(text: string): boolean {
  return /^[a-z0-9-]{1,64}$/.test(text)
}

/** Command line whose standard input is `observeText`. */
export const observeCommand = "sh -s"

/** Unpacks the archive of `stageTar` from standard input and checks it; prints `staged` or `refused ...`. */
export function stageCommand(transaction: string): string {
  const folder = `${stateFolder}/stage/${transaction}`
  return shell(
    `umask 077; mkdir -p ${folder} && cd ${folder} && tar -xf - && exec sh ./lbctl-node.sh stage ${transaction}; ` +
      `echo refused unpack - -; cd /; rm -rf ${folder}; exit 1`,
  )
}

/**
 * Carries the operations out and waits on standard input; `seconds` from now the host reverts unless confirmed. A stage that
 * is no longer there was planned against a release that another run has replaced since.
 */
export function activateCommand(transaction: string, seconds: number): string {
  const script = `${stateFolder}/stage/${transaction}/lbctl-node.sh`
  return shell(
    `[ -e ${script} ] || { echo stale its confirmed release; exit 5; }; ` +
      `exec sh ${script} activate ${transaction} ${Math.ceil(seconds)}`,
  )
}

/** Makes the activated release the host's own; prints `confirmed` or `gone ...`. */
export function confirmCommand(transaction: string): string {
  return ifPresent(`confirm ${transaction}`)
}

/** Takes the activated release back now; prints `reverted`, `revert-failed ...` or `gone ...`. */
export function revertCommand(transaction: string): string {
  return ifPresent(`revert ${transaction}`)
}

/** Ends what an earlier controller left open; prints `settled ...` or `settled nothing`. */
export const settleCommand = ifPresent("settle")

/**
 * Tells the host's past: `current ID`, `release ID` for each release it keeps, the last lines of its history as they stand in
 * the file, `end`. Nothing is written.
 */
export function historyCommand(lines: number): string {
  return shell(
    `cd ${stateFolder} 2>/dev/null || { echo end; exit 0; }; ` +
      "[ ! -L current ] || (cd -P current && echo current ${PWD##*/}); " +
      "for name in releases/*/; do [ ! -d $name ] || { name=${name%/}; echo release ${name#*/}; }; done; " +
      `cat history.jsonl.1 history.jsonl 2>/dev/null | tail -n ${lines}; echo end`,
  )
}

/**
 * Prints a release the host keeps: `bundle BASE64`, `content SHA256 BASE64` for each file, `end`; or `gone`. Nothing is written.
 * base64(1) is in FreeBSD since 14, b64encode(1) in every one.
 */
export function releaseCommand(id: string): string {
  return shell(
    `cd ${stateFolder}/releases/${id} 2>/dev/null || { echo gone; exit 0; }; ` +
      'print() { printf \'%s \' "$1"; { base64 "$2" 2>/dev/null || b64encode -r "$2" -; } | tr -d \'\\n\'; echo; }; ' +
      "[ ! -e bundle.json ] || print bundle bundle.json; " +
      'for name in files/*; do [ ! -e $name ] || print "content ${name#*/}" $name; done; echo end',
  )
}

/** Removes a stage that was not activated. */
export function abortCommand(transaction: string): string {
  const folder = `${stateFolder}/stage/${transaction}`
  return shell(`[ ! -e ${folder} ] || exec sh ${folder}/lbctl-node.sh abort ${transaction}`)
}

/** The script is on the host as long as there is something to settle or a release. */
function ifPresent(words: string): string {
  const script = `${stateFolder}/lbctl-node.sh`
  return shell(`[ -e ${script} ] || { echo gone nothing; exit 7; }; exec sh ${script} ${words}`)
}

function shell(text: string): string {
  return quote(["sh", "-c", text])
}
