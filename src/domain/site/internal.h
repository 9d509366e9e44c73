/* What the files of this directory share: reading members of settings. */
#ifndef DOMAIN_SITE_INTERNAL_H
#define DOMAIN_SITE_INTERNAL_H

#include "domain/site/site.h"

#define LABEL_BYTES 200
#define TEXT_BYTES 10000
#define ADDRESS_BYTES 2000
#define LOGO_BYTES (512u << 10)
#define FONT_BYTES (1u << 20)

struct reading {
    struct scope *scope;
    str path;      /* of the settings, for messages; empty: they are stored */
    str directory; /* with its slash; may be empty */
    struct site *site;
    site_find_file *find; /* NULL: no stored files */
    void *user;
};

/** Fails with ERR_METADATA: which member, what is expected. */
enum err site_wrong(const struct reading *reading, const char *member, const char *what);

/** A text of one line (or with may_break of several). Errors: ERR_METADATA. */
enum err site_read_line(const struct reading *reading, const char *member, const json_t *value,
                        size_t most, bool may_break, str *ret_text) must_check;

/** A file: its name beside the settings, or {"stored": NAME}. kinds: endings that it may have. Errors: ERR_METADATA, ERR_FILE. */
enum err site_load_file(const struct reading *reading, const char *member, const char *purpose,
                        const json_t *value, const char *kinds, size_t most,
                        struct site_file *ret_file) must_check;

/** Bytes of a file of the disk. Errors: ERR_METADATA (too many), ERR_FILE. */
enum err site_load_bytes(const struct reading *reading, const char *member, str name, size_t most,
                         str *ret_bytes) must_check;

/** Names a file after its purpose and its bytes: "logo-0123456789abcdef.svg". */
str site_file_name(struct arena *arena, const char *purpose, str bytes, str ending);

/** "image/png" of ".png"; STR_NONE: not known. */
str site_file_type(str ending);

/** Texts by language, or one for all. Errors: ERR_METADATA. */
enum err site_read_translated(const struct reading *reading, const char *member, const json_t *value,
                              size_t most, bool may_break, struct translated *ret) must_check;

/** A path of the portal or an address of the web. Errors: ERR_METADATA. */
enum err site_read_address(const struct reading *reading, const char *member, const json_t *value,
                           str *ret) must_check;

/** Colours and font as a style sheet; the themes are read before (style.c). Errors: ERR_METADATA, ERR_FILE. */
enum err site_read_style(struct reading *reading, const json_t *settings) must_check;

/** Lists: themes, footer, home, featured, facets, languages (lists.c). Errors: ERR_METADATA. */
enum err site_read_lists(struct reading *reading, const json_t *settings) must_check;

/** Mail, retention, ancestors of embeds (values.c). Errors: ERR_METADATA. */
enum err site_read_values(struct reading *reading, const json_t *settings) must_check;

#endif
