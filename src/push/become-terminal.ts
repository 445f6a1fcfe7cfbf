import { quote } from "../wire/shell.ts"

/**
 * Gives a program a terminal to ask for a password on, and leaves the input and outputs of what it starts untouched by it: they
 * go through named pipes. The first line of input is what is typed, unless it is empty; the second lets the command begin;
 * the rest is the command's own.
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

/**
 * What runs as root: its exit code cannot come through the terminal. It says by the terminal that it is there and waits until
 * that was read: what the asker said there, such as the end of the line after the password, comes first then, and can't get
 * among the command's own words.
 */
const inside = `exec <"$3/in"; echo "$2" >/dev/tty; read -r go
sh -c "$1" >"$3/out" 2>"$3/err"; echo $? >"$3/code"`

/** The command line that runs `command` by `asker`, a program that asks on its terminal, such as `doas --`; and how it says that it is about to begin. */
export function onTerminal(
  asker: readonly string[],
  command: string,
  mark: string,
): { readonly line: string; readonly begun: string } {
  const asked = `${quote([...asker, "sh", "-c", inside, "sh", command, mark])} "$folder"`
  // A terminal ends its lines like this (termios(3), ONLCR).
  return { line: quote(["sh", "-c", outside, "sh", asked]), begun: `${mark}\r\n` }
}
