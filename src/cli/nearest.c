#include "cli/nearest.h"

#include <string.h>

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

/* Letters added, dropped, replaced, or swapped with a neighbour. Three rows of the table are
 * enough. */
static size_t distance(const char *a, size_t a_length, const char *b, size_t b_length)
{
    size_t rows[3][NEAREST_BYTES + 1];
    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = least(above[j], row[j - 1]) + 1;
            row[j] = least(row[j], above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = least(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

void nearest_weigh(struct nearest *nearest, const char *word, size_t length, const char *candidate)
{
    size_t candidate_length = strlen(candidate);
    if (length == 0 || length > NEAREST_BYTES || candidate_length > NEAREST_BYTES)
        return;
    size_t far = distance(word, length, candidate, candidate_length);
    if (far > 1 + least(length, candidate_length) / 4)
        return;
    if (!nearest->name || far < nearest->distance)
        *nearest = (struct nearest){candidate, far};
}
