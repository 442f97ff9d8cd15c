"""The worklist: patients, studies, series and images, with what is decided of each."""
