import type { CompletedNode } from "./model.ts"
import { tableText } from "./table.ts"

/** The completion of lbctl for bash; it needs no other package (bash(1), "Programmable Completion"). */
export function bashCompletion(nodes: readonly CompletedNode[]): string {
  return `# bash completion of lbctl. Load it: . <(lbctl completion bash)
${tableText(nodes)}
_lbctl_reply() {
  local IFS=$'\\n'
  COMPREPLY=($(compgen -W "$1" -- "$2"))
}

_lbctl() {
  local where count inventory expects word current last list
  local -a before=("\${COMP_WORDS[@]:1:COMP_CWORD-1}")
  current=\${COMP_WORDS[COMP_CWORD]}
  last=\${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  # bash takes = and : for words of their own: --limit=NAME is three, HOST:SERVICE as well.
  if [ "$current" = = ]; then current=''; fi
  if [ "$current" = : ] || [ "$last" = : ]; then return; fi
  if [ "$last" = = ] || [ "\${COMP_WORDS[COMP_CWORD]}" = = ]; then
    list=()
    for word in "\${before[@]}"; do [ "$word" = = ] || list+=("$word"); done
    before=("\${list[@]}")
  fi
  _lbctl_scan "\${before[@]}"
  if [ -z "$expects" ]; then
    if [ "\${current#-}" != "$current" ]; then
      _lbctl_reply "$(_lbctl_options "$where" | cut -f 1)" "$current"
      return
    fi
    list=$(_lbctl_commands "$where" | cut -f 1)
    if [ -n "$list" ]; then
      _lbctl_reply "$list" "$current"
      return
    fi
    expects=$(_lbctl_argument "$where" $((count + 1)))
  fi
  case $expects in
  files)
    compopt -o filenames 2>/dev/null
    local IFS=$'\\n'
    COMPREPLY=($(compgen -f -- "$current"))
    ;;
  folders)
    compopt -o filenames 2>/dev/null
    local IFS=$'\\n'
    COMPREPLY=($(compgen -d -- "$current"))
    ;;
  inventories)
    _lbctl_reply "$(lbctl __complete inventories 2>/dev/null)" "$current"
    if [ \${#COMPREPLY[@]} = 0 ]; then
      compopt -o filenames 2>/dev/null
      local IFS=$'\\n'
      COMPREPLY=($(compgen -f -- "$current"))
    fi
    ;;
  words\\ *) _lbctl_list "$(printf '%s\\n' \${expects#words })" ;;
  patterns | hosts | clusters | services) _lbctl_list "$(lbctl __complete "$expects" "$inventory" 2>/dev/null)" ;;
  esac
}

# Names may stand in a list with commas between them.
_lbctl_list() {
  local prefix=''
  case $current in *,*) prefix=\${current%,*}, ;; esac
  _lbctl_reply "$(printf '%s\\n' "$1" | while read -r word; do echo "$prefix$word"; done)" "$current"
}

complete -F _lbctl lbctl
`
}
