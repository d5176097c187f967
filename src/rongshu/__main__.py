from rongshu.interfaces.cli import main

main()
