# ---- The journal: what will be replaced, as steps that undo it ----

# The journal is played back from its first line to its last: what is done last comes first.
undo() { journal="$*$newline$journal"; }

journal_op() {
  case $1 in
  file | file-remove)
    undo_folders "${2%/*}"
    if [ -e "$root$2" ] || [ -L "$root$2" ]; then
      cp -pP "$root$2" "$dir/backup/$number" 2>"$dir/output" || failed=0
      backups="$backups $dir/backup/$number"
      undo "file $2 $number"
    else undo "absent $2"; fi
    ;;
  sysctl)
    value_of "$2" || return 0
    undo "sysctl $2 $value"
    case $prior in *"$newline$2 "*) ;; *) prior=$prior$2\ $value$newline ;; esac
    ;;
  sysctl-restore)
    value_of "$2" || return 0
    undo "sysctl $2 $value"
    case $prior in *"$newline$2 "*) rest=${prior#*"$newline$2 "} && prior=${prior%%"$newline$2 "*}$newline${rest#*"$newline"} ;; esac
    ;;
  address-add) holds "$3 $2" || undo "address-remove $2 $3" ;;
  address-remove) ! holds "$3 $2" || undo "address-add $2 $3" ;;
  link-up) link_is_up "$2" || undo "link-down $2" ;;
  link-down) ! link_is_up "$2" || undo "link-up $2" ;;
  unit-enable) unit_was enabled "$2" || undo "unit-disable $2" ;;
  unit-disable) ! unit_was enabled "$2" || undo "unit-enable $2" ;;
  unit-start) unit_was running "$2" || undo "unit-stop $2" ;;
  unit-stop) ! unit_was running "$2" || undo "unit-start $2" ;;
  esac
}

undo_folders() {
  [ -n "$1" ] && [ ! -d "$root$1" ] || return 0
  undo_folders "${1%/*}"
  undo "folder $1"
}
# unit_was enabled|running NAME, by what observe_units said: `unit NAME EXISTS ENABLED RUNNING`
unit_was() {
  answer=${states#*"${newline}unit $2 "}
  answer=${answer%%"$newline"*}
  case $1:$answer in enabled:*\ yes\ * | running:*\ yes) ;; *) return 1 ;; esac
}
# holds "DEVICE CIDR"
holds() {
  [ -n "$held" ] || held=$newline$(addresses held)$newline
  case $held in *"${newline}held $1$newline"*) ;; *) return 1 ;; esac
}
link_is_up() {
  flags=0
  { read -r flags <"$root/sys/class/net/$1/flags"; } 2>/dev/null
  [ $((flags & 1)) = 1 ]
}
