// roo completion: scripts that ask roo itself what fits, so that verbs, flags and sessions are never out of date.

import { usage } from '../args/parse-args.ts';
import { didYouMeanText } from '../did-you-mean.ts';
import { defineCommand, NO_FLAGS } from './command.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;

/** `@` breaks words in bash, so the word is taken from the line, and what stands before the break is cut off again. */
const BASH = `_roo() {
  local line="\${COMP_LINE:0:COMP_POINT}" word="" reply
  local -a words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  [[ $line =~ [^[:space:]]+$ ]] && word="\${BASH_REMATCH[0]}"
  if [[ $word == @* ]]; then
    words=("\${words[@]:0:\${#words[@]}-1}")
    [[ \${#words[@]} -gt 0 && \${words[-1]} == @ ]] && words[-1]="$word" || words+=("$word")
  fi
  COMPREPLY=()
  while IFS=$'\\t' read -r reply _; do
    [[ -n $reply ]] || continue
    [[ $word == @* ]] && reply="\${reply#@}"
    COMPREPLY+=("$(printf '%q' "$reply")")
  done < <(roo __complete -- "\${words[@]}" 2>/dev/null)
}
complete -o default -F _roo roo
`;

const ZSH = `#compdef roo
_roo() {
  local -a replies described
  local reply
  replies=("\${(@f)$(roo __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null)}")
  for reply in $replies; do
    [[ -n $reply ]] && described+=("\${\${reply%%$'\\t'*}//:/\\\\:}:\${reply#*$'\\t'}")
  done
  if (( \${#described} )); then _describe 'roo' described -V roo; else _files; fi
}
if [[ $funcstack[1] = _roo ]]; then _roo "$@"; else compdef _roo roo; fi
`;

const FISH = `function __roo_complete
  set -l words (commandline -opc) (commandline -ct)
  roo __complete -- $words[2..-1] 2>/dev/null
end
complete -c roo -a '(__roo_complete)'
`;

const SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = { bash: BASH, zsh: ZSH, fish: FISH };

export const command = defineCommand({
  description: ['Prints a script that completes commands, flags, sessions and settings when you press Tab.'],
  flags: NO_FLAGS,
  arguments: { shell: { kind: 'one', summary: SHELLS.join(', '), complete: SHELLS } },
  examples: [
    { command: 'source <(roo completion bash)', does: 'in ~/.bashrc' },
    { command: 'source <(roo completion zsh)', does: 'in ~/.zshrc, behind compinit' },
    { command: 'roo completion fish > ~/.config/fish/completions/roo.fish', does: 'once, for fish' },
  ],
  exits: [],
  async run(context, _flags, args) {
    const shell = SHELLS.find((name) => name === args.shell);
    if (shell === undefined) {
      throw usage(
        `there is no completion for ${JSON.stringify(args.shell)}`,
        didYouMeanText(args.shell, SHELLS) || `use ${SHELLS.join(', ')}`,
      );
    }
    await context.report.writeRaw([SCRIPTS[shell]]);
    return null;
  },
});
