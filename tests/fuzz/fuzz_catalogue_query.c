/*
 * Any bytes as a search of the catalogue and as HTML that it is looked for in: never a crash, the engine
 * understands every expression, and HTML without its tags is valid text that is hardly longer.
 */
#include "base/bug.h"
#include "base/utf8.h"
#include "domain/catalog/search.h"
#include "domain/catalog/search_text.h"
#include "platform/db/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* Opened once; a process that fuzzes has one thread. */
static struct db_lease *open_index(struct scope *scope)
{
    static struct db *db;
    static struct db_lease *lease;
    if (!lease) {
        struct db_options options = {.engine = DB_SQLITE, .connections = 1};
        bug_if(db_open(scope, &options, &db) != ERR_OK);
        bug_if(db_lease(scope, db, &lease) != ERR_OK);
        bug_if(db_script(scope, lease,
                         "create virtual table search using fts5(title, keyword, publisher, labels, "
                         "other, description, tokenize = 'ascii', prefix = '1 2 3');"
                         "insert into search values ('ecole', 'a', 'b', 'c', 'or', 'title')") != ERR_OK);
    }
    return lease;
}

static void read_html(struct scope *scope, str html)
{
    str plain = search_plain(&scope->arena, html);
    bug_if(plain.n > html.n * 2);
    bug_if(utf8_is_valid(html) && !utf8_is_valid(plain));
}

/* The first byte is the options. */
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    struct scope scope;
    str expression;
    if (size == 0) {
        return 0;
    }
    scope_open(&scope);
    struct db_lease *lease = open_index(&scope);
    struct search_options options = {bytes[0] & SEARCH_EVERYWHERE, bytes[0] >> 7};
    str text = {(const char *)bytes + 1, size - 1};
    read_html(&scope, text);
    enum err result = search_expression(&scope, text, &options, &expression);
    bug_if(result != ERR_OK && result != ERR_USAGE);
    if (result == ERR_OK && expression.n) {
        bug_if(DB_RUN(&scope, lease, "select rowid from search where search match ?",
                      cell_text(expression)) != ERR_OK);
    }
    scope_close(&scope);
    return 0;
}
