#include "base/err.h"

#include "base/bug.h"

static const struct {
    enum err_kind kind;
    const char *explore_code;
} rows[ERR__COUNT] = {
    [ERR_OK] = {KIND_NONE, ""},
#define ERR(name, kind, explore_code) [ERR_##name] = {KIND_##kind, explore_code},
#include "base/err.def"
#undef ERR
};

enum err_kind err_kind(enum err code)
{
    bug_if((unsigned)code >= ERR__COUNT);
    return rows[code].kind;
}

const char *err_explore_code(enum err code)
{
    bug_if((unsigned)code >= ERR__COUNT);
    return rows[code].explore_code;
}
