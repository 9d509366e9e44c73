/* The file that tools/basemap.mjs makes, as it is. */
#include "web/front/basemap.h"

__asm__(".pushsection .rodata\n"
        ".balign 16\n"
        ".globl basemap_bytes\n"
        ".globl basemap_bytes_end\n"
        "basemap_bytes:\n"
        ".incbin \"" PARVIS_BASEMAP "\"\n"
        "basemap_bytes_end:\n"
        ".byte 0\n"
        ".popsection\n");
