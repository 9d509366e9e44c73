/* How a dataset is cited: as a line of text, and as an entry for BibTeX. */
#ifndef WEB_FRONT_CITATION_H
#define WEB_FRONT_CITATION_H

#include "base/buf.h"

struct citation {
    str id;       /* of the dataset: [a-z0-9_-] */
    str author;   /* creator, else publisher; empty: the title stands first */
    str title;
    str year;     /* "2026", or "n.d." */
    str version;  /* "Version 3"; empty: none */
    str kind;     /* "Data set" */
    str portal;
    str address;
};

/** "Author (2026). Title (Version 3) [Data set]. Portal. https://…" in the style of the APA. In the arena. */
str citation_text(struct arena *arena, const struct citation *citation);

/** An entry @misc, with what TeX would take for commands escaped. In the arena. */
str citation_bibtex(struct arena *arena, const struct citation *citation);

#endif
