/* Pages of content: what their Markdown becomes, for visitors and for the preview of who writes it. */
#ifndef WEB_FRONT_CONTENT_PAGE_H
#define WEB_FRONT_CONTENT_PAGE_H

#include "domain/site/content.h"
#include "web/shell/page.h"

/**
 * HTML of a text in the visitor's language. pictures: address that names of files stand behind, with its slash.
 * Tables, maps and charts are frames of ours; of datasets that not everybody sees there is a note instead.
 * Errors: ERR_TOO_LARGE, those of reading the catalogue.
 */
enum err content_html(struct call *call, str text, const struct content_file *files, size_t file_count, str pictures,
                      struct html *ret_html) must_check;

enum left_out_kind { LEFT_OUT_FRAME, LEFT_OUT_SCRIPT, LEFT_OUT_PICTURE, LEFT_OUT_HTML };

/* Something of a text that its page does not show. */
struct left_out {
    enum left_out_kind kind;
    str source; /* its tag, or the address of a picture; shortened */
};

#define LEFT_OUT_MOST 10

/** The first LEFT_OUT_MOST things that content_html leaves out of a text, each once. Errors: ERR_TOO_LARGE. */
enum err content_left_out(struct call *call, str text, const struct content_file *files, size_t file_count,
                          const struct left_out **ret_items, size_t *ret_count) must_check;

/** Answers with a picture. Errors: ERR_NO_ROUTE where bytes are missing. */
enum err content_send_file(struct call *call, const struct site_file *file) must_check;

/** GET /pages/{}, GET /pages/{}/{} */
call_handler content_page_get, content_file_send_get;

extern const struct tpl_binding content_page_template;

#endif
