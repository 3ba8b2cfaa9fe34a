// The shell that a background process is started by. It must outlive every other part of roo, so it is a few lines of
// POSIX sh and no JavaScript: it makes the FIFO, runs the command in the foreground, and writes down how it ended.
//
// In the foreground, because a shell makes what it runs in the background deaf to SIGINT for good. In a session of its
// own, so that a signal to the command's group reaches all of the command and nothing of ours.

import { PS_COLUMNS } from './process-identity.ts';

/** Exit code of a supervisor that found another one at work. */
export const BUSY = 3;

/**
 * Runs as the new process before it becomes the command. Arguments: path of its files without ending, then the
 * command's words. Writes the pid file before anything of the command can happen: number and start are never guessed.
 */
const BECOME = `
at=$1; shift
(
  umask 077
  if [ -r /proc/$$/stat ]; then command -p cat "/proc/$$/stat" "/proc/$PPID/stat"
  else LC_ALL=C command -p ps -o ${PS_COLUMNS} -p $$; LC_ALL=C command -p ps -o ${PS_COLUMNS} -p $PPID
  fi >"$at.pid.new" && command -p mv "$at.pid.new" "$at.pid"
) || exit 1
# In a shell of its own: where the starter was killed meanwhile, writing to it would end the process by SIGPIPE.
(echo started >&4)
exec 4>&-
exec "$@"
`;

/**
 * Arguments: folder, id, node, supervisor's script, then the command's words. Says "started" on its standard output
 * when the command is about to begin, and what is wrong on its standard error.
 */
export const START = `
become='${BECOME.replaceAll("'", `'\\''`)}'
folder=$1 id=$2 node=$3 supervisor=$4; shift 4
at=$folder/$id fifo=$folder/output/$id.fifo alive=$folder/alive
(
  umask 077
  command -p mkfifo "$fifo" && { [ -p "$alive" ] || command -p mkfifo "$alive" || [ -p "$alive" ]; }
) || exit 1
# Open for reading too: a FIFO whose only reader is killed would end the command by SIGPIPE.
exec 3<>"$fifo"
# What this shell itself says (of a command that was killed) must not hit a pipe that nobody reads any more.
exec 4>&1 >/dev/null 2>&1
# Not ignored, which the command would inherit; only not fatal to this shell.
trap : HUP INT TERM

# Keeps a supervisor alive: runs one, or waits until the one at work lets go of the FIFO that it holds.
(
  exec 3>&- 4>&-
  cd /
  unset NODE_OPTIONS NODE_V8_COVERAGE
  while [ -d "$folder" ] && [ ! -e "$at.end" ]; do
    (umask 077; exec "$node" "$supervisor" "$folder" 2>>"$folder/supervisor.err")
    code=$?
    case $code in
      0) ;;
      ${BUSY} | 126 | 127) read -r _ <"$alive" ;;
      *) if [ $code -gt 128 ]; then command -p sleep 0.2; else command -p sleep 10; fi || command -p sleep 1 ;;
    esac
  done
) &
watch=$!

if apart=$(command -pv setsid); then set -- "$apart" /bin/sh -c "$become" roo "$at" "$@"
elif perl=$(command -pv perl); then
  set -- "$perl" -MPOSIX -e 'POSIX::setsid(); exec @ARGV' /bin/sh -c "$become" roo "$at" "$@"
else set -- /bin/sh -c "$become" roo "$at" "$@"
fi
"$@" </dev/null >&3 2>&3 3>&-
code=$?
exec 4>&-

# On a full disk it is tried again until there is room.
until (umask 077; echo "$code" >"$at.exit.new" && command -p mv "$at.exit.new" "$at.exit"); do
  [ -d "$folder" ] || exit
  command -p sleep 1
done
# What stands in the FIFO lives only as long as somebody has it open: until a supervisor has read it, that is us.
pause=0.1
while [ -d "$folder" ] && [ ! -e "$at.end" ]; do
  command -p sleep "$pause" || command -p sleep 1
  case $pause in 0.1) pause=1 ;; 1) pause=5 ;; *) pause=30 ;; esac
done
kill "$watch"
`;
