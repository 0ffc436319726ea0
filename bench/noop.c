/* The least that a program can do: what bench/command.c compares a command with. */
int main(void) {
    return 0;
}
