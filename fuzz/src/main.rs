//! Names the targets, or writes the inputs that are kept as files: `sessio-fuzz [FOLDER]`.

use std::path::PathBuf;

use sessio_fuzz::{TARGETS, seeds};

fn main() -> std::io::Result<()> {
    let folder = std::env::args_os().nth(1).map(PathBuf::from);
    for (target, _) in TARGETS {
        println!("{target}");
        let Some(folder) = &folder else { continue };
        let folder = folder.join(target);
        std::fs::create_dir_all(&folder)?;
        for (number, input) in seeds::of(target).iter().enumerate() {
            std::fs::write(folder.join(format!("seed-{number}")), input)?;
        }
    }
    Ok(())
}
