import type { CompletedNode } from "./model.ts"
import { tableText } from "./table.ts"

/** The completion of lbctl for zsh (zshcompsys(1)): to be sourced after compinit, or a file _lbctl in fpath. */
export function zshCompletion(nodes: readonly CompletedNode[]): string {
  return `#compdef lbctl
# zsh completion of lbctl. Load it after compinit: source <(lbctl completion zsh)
${tableText(nodes)}
_lbctl_describe() {
  local -a described=()
  local line
  for line in "\${(@f)2}"; do
    [[ -z $line ]] || described+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}")
  done
  _describe -t "$1" "$1" described
}

_lbctl() {
  local where='' count=0 inventory='' expects='' word current=\${words[CURRENT]}
  local -a before=("\${(@)words[2,CURRENT-1]}")
  # --limit=NAME: what stands before = is the option that waits.
  if [[ $current == --*=* ]]; then
    before+=("\${current%%=*}")
    compset -P '*='
  fi
  _lbctl_scan "\${before[@]}"
  if [[ -z $expects ]]; then
    if [[ $current == -* ]]; then
      _lbctl_describe option "$(_lbctl_options "$where")"
      return
    fi
    if [[ -n "$(_lbctl_commands "$where")" ]]; then
      _lbctl_describe command "$(_lbctl_commands "$where")"
      return
    fi
    expects=$(_lbctl_argument "$where" $((count + 1)))
  fi
  case $expects in
  files) _files ;;
  folders) _files -/ ;;
  inventories) compadd -- "\${(@f)$(lbctl __complete inventories 2>/dev/null)}" || _files ;;
  words\\ *)
    compset -P '*,'
    compadd -- \${=expects#words }
    ;;
  patterns | hosts | clusters | services)
    # Names may stand in a list with commas between them.
    compset -P '*,'
    compadd -- "\${(@f)$(lbctl __complete "$expects" "$inventory" 2>/dev/null)}"
    ;;
  esac
}

if [ "$funcstack[1]" = _lbctl ]; then _lbctl "$@"; else compdef _lbctl lbctl; fi
`
}
