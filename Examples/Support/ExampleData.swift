public import Motet

/// The data of the examples.
public enum ExampleData {
    /// Finds the original files of a data set: in the folder of `--from`, else fetched by recipe.
    ///
    /// What is fetched is kept in `data/<name>/original`, where `motet data fetch` keeps it too, and is
    /// not fetched again.
    ///
    /// - Parameters:
    ///   - recipe: the data set.
    ///   - options: what the program was asked for.
    /// - Returns: the files.
    /// - Throws: `ExampleError` when they are not there and cannot be fetched.
    public static func files(
        _ recipe: any DatasetRecipe,
        _ options: ExampleOptions
    ) throws -> DatasetFiles {
        if let folder = options.folder { return try DatasetFiles.locate(recipe.card, in: folder) }
        let progress = DatasetProgress()
        defer { progress.finish() }
        do {
            return try DatasetFetcher(cache: "data/\(recipe.card.name)/original")
                .fetch(recipe.card, progress: progress.show)
        } catch {
            throw ExampleError("\(error) A folder that holds the files can be named with --from.")
        }
    }
}
