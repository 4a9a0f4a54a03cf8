# SPDX-License-Identifier: Apache-2.0
# bash completion for tapscope
_tapscope() {
  local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]}
  COMPREPLY=()
  if [ "$COMP_CWORD" = 1 ]; then
    mapfile -t COMPREPLY < <(compgen -W "replay live explain assets openapi data-map graph check config version help" -- "$cur")
    return
  fi
  case $prev in
  -i | --interface) mapfile -t COMPREPLY < <(compgen -W "$(ls /sys/class/net 2>/dev/null)" -- "$cur") ;;
  --only) mapfile -t COMPREPLY < <(compgen -W "call exposure finding incident asset flow dns tls sensor" -- "$cur") ;;
  --progress) mapfile -t COMPREPLY < <(compgen -W "auto plain none" -- "$cur") ;;
  --state) mapfile -t COMPREPLY < <(compgen -d -- "$cur") ;;
  --set) # section.key= for every option
    mapfile -t COMPREPLY < <(compgen -W "$("${COMP_WORDS[0]}" config 2>/dev/null |
      awk '/^[a-z].*:$/ {s = substr($1, 1, length($1) - 1)} /^  [a-z_0-9]+:/ {sub(":", "", $1); print s "." $1 "="}')" -- "$cur")
    compopt -o nospace ;;
  -o | --output) mapfile -t COMPREPLY < <(compgen -W "stdout: file: kafka:" -- "$cur"); compopt -o nospace ;;
  --format) mapfile -t COMPREPLY < <(compgen -W "table json csv dot" -- "$cur") ;;
  --in-state) mapfile -t COMPREPLY < <(compgen -W "active dormant retired" -- "$cur") ;;
  assets) mapfile -t COMPREPLY < <(compgen -W "list diff accept tag merge split" -- "$cur") ;;
  --workers | --filter | --service | --tag | --owner | --min-risk) ;;
  *)
    case $cur in
    -*) mapfile -t COMPREPLY < <(compgen -W "-c -o -i -q -v --config --output --interface --only --set --workers --state
        --report --filter --from --service --tag --owner --in-state --min-risk --format --progress --quiet --verbose --help" -- "$cur") ;;
    *) compopt -o default ;;
    esac ;;
  esac
}
complete -F _tapscope tapscope
