"""python -m sortctl: the same as the installed command."""

from sortctl.commands import main

if __name__ == "__main__":
    main()
