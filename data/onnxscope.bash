# SPDX-License-Identifier: Apache-2.0
# Completion for bash: verbs, their options, files.
_onnxscope () {
  local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD-1]} verb=${COMP_WORDS[1]}
  local feeds="--data-set= --input= --shape= --fill= --seed= --allow-links" options
  case $previous in
    --theme) mapfile -t COMPREPLY < <(compgen -W "light dark" -- "$current"); return ;;
    --fill) mapfile -t COMPREPLY < <(compgen -W "random zeros ones" -- "$current"); return ;;
  esac
  if [ "$COMP_CWORD" = 1 ] && [[ $current != */* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "info check run debug compare hunt precision provenance quant extract minimise trace instrument report export conformance --help --version" -- "$current"; compgen -f -- "$current")
    return
  fi
  case $verb in
    info) options="--json --allow-links --help" ;;
    check) options="--json --weights --quiet --allow-links --help" ;;
    run) options="$feeds --npz= --output-dir= --dump-all --record= --record-values= --table --profile= --expand --rtol= --atol= --threads= --memory= --quiet --help" ;;
    debug) options="$feeds --script= --marks= --record= --record-values= --protocol --budget= --expand --help" ;;
    compare) options="$feeds --reference= --onnxruntime= --isolated --through --rtol= --atol= --rule= --rules= --twice --bisect --junit= --all --json --threads= --memory= --help" ;;
    hunt) options="$feeds --for= --seconds= --json --threads= --memory= --help" ;;
    precision) options="$feeds --type= --through= --node= --scope= --between= --tolerance= --runs= --all --expand --json --threads= --memory= --help" ;;
    provenance) options="$feeds --all --budget= --expand --json --threads= --memory= --help" ;;
    quant) options="$feeds --reference= --all --json --threads= --memory= --help" ;;
    extract) options="$feeds --node= --from= --to= --scope= --body= --iteration= --output= --weights-as-inputs --help" ;;
    minimise) options="$feeds --reference= --for= --fails --test= --output= --limit= --onnxruntime= --rtol= --atol= --rule= --rules= --json --threads= --memory= --help" ;;
    trace) options="--node= --value= --against= --help" ;;
    report) options="$feeds --output= --reference= --onnxruntime= --rtol= --atol= --rule= --rules= --rows= --cards= --seconds= --date --no-times --no-check --threads= --memory= --help" ;;
    instrument) options="--output= --bodies --functions --allow-links --help" ;;
    export) options="--output= --scope= --depth= --body= --theme= --scale= --allow-links --help" ;;
    conformance) options="--filter= --expect-fail= --rtol= --atol= --expand --in-process --verbose --help" ;;
  esac
  if [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
    [[ ${COMPREPLY[0]} == *= ]] && compopt -o nospace
  else
    compopt -o filenames
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}
complete -F _onnxscope onnxscope
