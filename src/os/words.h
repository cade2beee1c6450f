/* Our command line. */
#ifndef TREEFALL_OS_WORDS_H
#define TREEFALL_OS_WORDS_H

/* The words of our command line, UTF-8, NULL-terminated. They live as long as the process. */
char **os_words(int argc, char **argv);

#endif
