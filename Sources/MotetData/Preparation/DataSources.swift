/// The files of a data set, by part.
public struct DataSources: Hashable, Sendable {
    /// The training files, or the files a split takes all parts from.
    public var training: TableSource
    /// The validation files, if they are given.
    public var validation: TableSource?
    /// The test files, if they are given.
    public var test: TableSource?

    /// Creates sources.
    public init(
        training: TableSource,
        validation: TableSource? = nil,
        test: TableSource? = nil
    ) {
        self.training = training
        self.validation = validation
        self.test = test
    }

    /// The given parts in order.
    var parts: [(part: DataPart, source: TableSource)] {
        [(.training, training)]
            + [(DataPart.validation, validation), (.test, test)].compactMap { part, source in
                source.map { (part, $0) }
            }
    }
}
