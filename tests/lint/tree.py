# SPDX-License-Identifier: Apache-2.0
"""What the lints share: the product's files, and how a lint reports."""
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
FOLDERS = ["base", "capture", "dissect", "analytics", "output", "app"]  # each may include those before it


def files(*patterns):
    """Tracked and new files under the root that match git's patterns; a plain walk where there is no git."""
    try:
        out = subprocess.run(["git", "ls-files", "-z", "-co", "--exclude-standard", "--", *patterns], cwd=ROOT,
                             check=True, capture_output=True, text=True).stdout
        found = [ROOT / name for name in out.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        found = [p for pattern in patterns for p in ROOT.glob("**/" + pattern) if not {"build", "__pycache__"} & set(p.parts)]
    return sorted(p for p in set(found) if p.is_file())


def sources(*folders):
    """The .c and .h files of these folders (all of the product when none is named)."""
    folders = folders or FOLDERS
    return [p for p in files("*.c", "*.h") if p.relative_to(ROOT).parts[0] in folders]


def name(path):
    return str(path.relative_to(ROOT))


def report(problems, remedy):
    """Print the problems and leave: 0 when there are none."""
    for line in problems:
        print(line)
    if problems:
        print(f"\n{len(problems)} problem(s). {remedy}")
        sys.exit(1)
    print("ok")
    sys.exit(0)
