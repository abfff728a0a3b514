"""One sheet set in type: JSON on standard input, PDF on standard output. A process of its own, held within bounds.

It knows nothing of the product: a report that is too large, or a fault in the library, ends this process and no other.
"""

import json
import resource
import sys
from pathlib import Path

import typst

CPU_S = 30
MEMORY_BYTES = 2 * 1024**3
"""Of addresses, most of them never used: the library maps its fonts and reserves room for threads."""
TEMPLATE = Path(__file__).with_name("report.typ")


def main() -> None:
    """Set the sheet. The same sheet gives the same bytes: no date, no machine's font, nothing fetched."""
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_S, CPU_S))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    sheet = json.dumps(json.load(sys.stdin), ensure_ascii=False)
    pdf = typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={"sheet": sheet},
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    sys.stdout.buffer.write(pdf)


if __name__ == "__main__":
    main()
