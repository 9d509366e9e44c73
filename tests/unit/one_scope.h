/* The scope of the running test; open_scope and close_scope are set-up and tear-down. */
#ifndef TESTS_UNIT_ONE_SCOPE_H
#define TESTS_UNIT_ONE_SCOPE_H

#include "suite.h"

#include "base/scope.h"

static struct scope scope;

static int open_scope(void **state)
{
    (void)state;
    scope_open(&scope);
    return 0;
}

static int close_scope(void **state)
{
    (void)state;
    scope_close(&scope);
    return 0;
}

#endif
