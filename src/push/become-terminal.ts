import { quote } from "../wire/shell.ts"

/**
 * Gives a program a terminal to ask for a password on, and leaves the input and outputs of what it starts untouched by it: they
 * go through named pipes. The first line of input is what is typed, unless it is empty; the rest is the command's own.
 * script(1) makes the terminal (util-linux, busybox, FreeBSD's has another command line).
 */
const outside = `
folder=$(mktemp -d) || exit 1
trap 'rm -rf "$folder"' EXIT
export folder
mkfifo -m 600 "$folder/typed" "$folder/in" "$folder/out" "$folder/err" || exit 1
command -v script >/dev/null || { echo "script: not found" >&2; exit 127; }
exec 3<&0 4<>"$folder/typed" 5<>"$folder/in"
cat "$folder/out" 5<&- & out=$!
cat "$folder/err" >&2 5<&- & err=$!
SHELL=/bin/sh script -q -c "$1" /dev/null <"$folder/typed" >&2 3<&- 5<&- & asking=$!
{ IFS= read -r answer; [ -z "$answer" ] || printf '%s\\n' "$answer" >&4; exec cat >&5; } <&3 & in=$!
exec 3<&- 5<&-
wait "$asking"
if [ -s "$folder/code" ]; then code=$(cat "$folder/code"); wait "$out" "$err"; else code=1; fi
kill "$out" "$err" "$in" 2>/dev/null
exit "$code"`

/** What runs as root: its exit code cannot come through the terminal. */
const inside = `sh -c "$1" <"$2/in" >"$2/out" 2>"$2/err"; echo $? >"$2/code"`

/** The command line that runs `command` by `asker`, a program that asks on its terminal, such as `doas --`. */
export function onTerminal(asker: readonly string[], command: string): string {
  const asked = `${quote([...asker, "sh", "-c", inside, "sh", command])} "$folder"`
  return quote(["sh", "-c", outside, "sh", asked])
}
