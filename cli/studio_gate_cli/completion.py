"""Completion for bash, zsh and fish: a shell asks the installed command, which looks at its own parser.

The scripts know no command and no option, so they are right for whatever version is installed. Names of destinations
are those of the last `destinations` or `me`; nothing is asked of the gate, and nothing but names is offered.
"""

import argparse
import shlex
from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from studio_gate_cli import names
from studio_gate_cli.commands import FILE, Commands

# No name or option begins with a colon.
_FILES = ":files"
_BASH = """\
_studio_gate() {
    local found
    COMPREPLY=()
    while IFS= read -r found; do
        if [ "$found" = ":files" ]; then
            compopt -o default
        else
            COMPREPLY+=("$found")
        fi
    done < <("$1" completion bash --words "${COMP_LINE:0:COMP_POINT}" 2>/dev/null)
}
complete -F _studio_gate studio-gate
"""
_ZSH = """\
#compdef studio-gate
_studio_gate() {
    local -a found
    found=("${(@f)$("$words[1]" completion zsh --words "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    if [[ "$found" == ":files" ]]; then
        _files
    elif [[ -n "$found" ]]; then
        _describe studio-gate found
    fi
}
if [[ "${zsh_eval_context[-1]}" == "loadautofunc" ]]; then
    _studio_gate "$@"
else
    compdef _studio_gate studio-gate
fi
"""
_FISH = """\
function __studio_gate
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l found ($words[1] completion fish --words $words[2..-1] "$current" 2>/dev/null)
    if test "$found" = ":files"
        __fish_complete_path "$current"
    else
        printf '%s\\n' $found
    end
end
complete --command studio-gate --no-files --arguments '(__studio_gate)'
"""
_SCRIPTS = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH}
_HOW = """\
to have it in every new shell:
  bash  d=~/.local/share/bash-completion/completions; mkdir -p $d
        studio-gate completion bash >$d/studio-gate
  zsh   studio-gate completion zsh >"${fpath[1]}/_studio-gate"
  fish  studio-gate completion fish >~/.config/fish/completions/studio-gate.fish
Or in ~/.bashrc and ~/.zshrc: eval "$(studio-gate completion bash)", and zsh.
"""


class Offer(NamedTuple):
    """What may stand where the cursor is, and what it is."""

    text: str
    words: str = ""


def register(commands: Commands) -> None:
    """Add `completion`."""
    run = partial(_completion, commands.parser)
    command = commands.add("completion", "Print a script that lets a shell complete commands", run, _HOW)
    command.add_argument("shell", choices=_SCRIPTS, metavar="bash|zsh|fish", help="the shell that reads it")
    # What the scripts ask with: all that stands before the cursor; the line of bash, the words of the others.
    command.add_argument("--words", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)


def _completion(parser: argparse.ArgumentParser, given: argparse.Namespace) -> None:
    if given.words is None:
        print(_SCRIPTS[given.shell], end="")
        return
    words = _split(given.words[0])[1:] if given.shell == "bash" and given.words else given.words
    for one in offers(parser, words):
        match given.shell:
            case "bash":  # which replaces what follows "=" alone (COMP_WORDBREAKS)
                print(one.text.partition("=")[2] or one.text)
            case "zsh":
                print(":".join([one.text, one.words] if one.words else [one.text]))
            case _:
                print("\t".join(one))


def _split(line: str) -> list[str]:
    """Split a line as a shell does, its last word being the one that is being written."""
    try:
        words = shlex.split(line)
    except ValueError:  # a quotation that is not yet closed
        words = line.split()
    return [*words, ""] if line != line.rstrip() else words


def offers(parser: argparse.ArgumentParser, words: Sequence[str]) -> list[Offer]:
    """Return what the last of the words, of which nothing or a part is written, may become."""
    *before, current = words or [""]
    wanted, used, place = None, set[str](), 0
    for word in before:
        if wanted is not None:
            wanted = None
        elif word.startswith("-"):
            used.add(word.partition("=")[0])
            wanted = None if "=" in word else _option(parser, word)
        elif (chosen := _commands(parser).get(word)) is not None:
            parser, used, place = chosen, set(), 0
        else:
            place += 1
    name, equals, _ = current.partition("=")
    if wanted is not None:
        found = list(_values(wanted))
    elif equals and (option := _option(parser, name)) is not None:
        found = [Offer(f"{name}={one.text}", one.words) for one in _values(option) if one.text != _FILES]
    elif current.startswith("-"):
        found = list(_options(parser, used))
    else:
        found = list(_positional(parser, place)) or ([] if current else list(_options(parser, used)))
    return [one for one in found if one.text.startswith(current) or one.text == _FILES]


def _actions(parser: argparse.ArgumentParser) -> list[argparse.Action]:
    """Return what a parser reads; argparse has no other way to tell."""
    return [one for one in parser._actions if one.help != argparse.SUPPRESS]  # noqa: SLF001 - see above


def _commands(parser: argparse.ArgumentParser) -> dict[str, argparse.ArgumentParser]:
    (found,) = [one.choices for one in _actions(parser) if isinstance(one, argparse._SubParsersAction)] or [{}]  # noqa: SLF001 - the same
    return dict(found)


def _option(parser: argparse.ArgumentParser, name: str) -> argparse.Action | None:
    """Return the option of that name if it takes a value."""
    return next((one for one in _actions(parser) if name in one.option_strings and one.nargs != 0), None)


def _options(parser: argparse.ArgumentParser, used: set[str]) -> Iterator[Offer]:
    for one in _actions(parser):
        long = [name for name in one.option_strings if name.startswith("--")]
        if long and (used.isdisjoint(one.option_strings) or isinstance(one, argparse._AppendAction)):  # noqa: SLF001 - the same
            yield Offer(long[0], one.help or "")


def _positional(parser: argparse.ArgumentParser, place: int) -> Iterator[Offer]:
    arguments = [one for one in _actions(parser) if not one.option_strings]
    if place < len(arguments):
        yield from _values(arguments[place])


def _values(action: argparse.Action) -> Iterator[Offer]:
    if isinstance(action.choices, dict) and isinstance(action, argparse._SubParsersAction):  # noqa: SLF001 - the same
        yield from (Offer(name, (one.description or "").rstrip(".")) for name, one in action.choices.items())
    elif action.choices is not None:
        yield from map(Offer, map(str, action.choices))
    elif action.dest == names.DESTINATION:
        yield from map(Offer, names.kept())
    elif action.metavar == FILE:
        yield Offer(_FILES)
