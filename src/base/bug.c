#include "base/bug.h"

#include <stdio.h>
#include <stdlib.h>

void bug_report(const char *condition, const char *file, int line)
{
    fprintf(stderr, "parvis: internal error: %s at %s:%d\n", condition, file, line);
    abort();
}

void bug_out_of_memory(unsigned long long wanted_bytes)
{
    fprintf(stderr, "parvis: out of memory: %llu bytes were wanted\n", wanted_bytes);
    abort();
}
