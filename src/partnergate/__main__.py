"""``python -m partnergate``."""

from partnergate.cli.main import main

if __name__ == "__main__":
    main()
