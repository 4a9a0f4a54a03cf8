#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Words and calls that must not occur in the product, and where each is let through."""
import re

import tree

# what, pattern, folders where it is allowed or whole files, what to do instead
RULES = [
    ("a note to self", r"\b(TODO|FIXME|XXX|HACK)\b", [], "do it, or open an issue"),
    ("the C heap", r"\b(malloc|calloc|realloc|free|strdup|strndup|asprintf|vasprintf|getline)\s*\(",
     ["base/mem.c", "base/mem_fail.c", "capture/paths.c", "analytics/data/load.c", "analytics/patterns.c"], "use base/mem.h; hand foreign memory to a library's own free"),
    ("a call without bounds", r"\b(strcpy|strcat|sprintf|vsprintf|gets|alloca)\s*\(", [], "use snprintf, buf or arena"),
    ("a call with hidden state", r"\b(strtok|localtime|gmtime|ctime|asctime|strerror_l|setlocale|rand|srand|random)\s*\(",
     [], "use a reentrant call; results may not depend on chance"),
    ("wall-clock time", r"\b(time|gettimeofday|clock_gettime|clock|clock_ns)\s*\(",
     ["base/clock.h", "base/ring.c", "capture/live", "output/sink/", "output/spool", "output/router", "output/clerk", "analytics/inventory.c", "analytics/datamap.c", "analytics/graph.c", "app/"], "time is packet time"),
    ("the environment", r"\b(getenv|secure_getenv)\s*\(", ["base/mem_fail.c", "app/"], "make it an option"),
    ("an end of the process", r"\b(exit|_exit|abort|assert)\s*\(", ["app/"], "return an error"),
    ("a message", r"\b(printf|puts|perror|log_msg)\s*\(|\bfprintf\s*\(\s*std(out|err)",
     ["app/", "base/log.c", "base/log.h"], "libraries return errors; app/ speaks"),
    ("a conditional in a body", r"^\s*#\s*if(def)?\b(?!.*__(SSE|AVX))", ["base/"], "optional parts are whole files that CMake chooses"),
    ("an absolute path of a developer", r"/(work|home/\w+)/", [], "name it from the tree's root"),
    ("a non-local jump", r"\b(setjmp|longjmp)\b", [], "return an error"),
]


def code_of(text):
    """The text with comments and string literals blanked, line numbers kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(\\.|[^"\\\n])*"', blank, text, flags=re.S)


def problems():
    for path in tree.sources():
        name, text = tree.name(path), path.read_text(encoding="utf-8")
        code = code_of(text)
        for what, pattern, allowed, instead in RULES:
            if any(name.startswith(a) for a in allowed):
                continue
            everywhere = "note" in what or "path" in what
            for match in re.finditer(pattern, text if everywhere else code, flags=re.M):
                line = text.count("\n", 0, match.end()) + 1
                yield f"{name}:{line}: {match.group(0).strip()}: {what}; {instead}"


tree.report(list(problems()), "Where a file must be let through, name it in tests/lint/words.py with the rule.")
