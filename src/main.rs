fn main() { chaperone::cli::main(); }
