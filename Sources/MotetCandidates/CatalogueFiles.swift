/// Where a catalogue is read from, and what its columns are.
public struct CatalogueFiles: Hashable, Sendable {
    /// Files, folders and patterns: CSV, Parquet or Arrow.
    public var files: [String]
    /// The column that names the item.
    public var item: String
    /// The column of the item's category; nil for none.
    public var category: String?
    /// The column that tells how many are left to sell; nil for none.
    public var stock: String?
    /// Columns of numbers that formulas may name.
    public var numbers: [String]
    /// The other columns to read; nil for all whose values a request could spell.
    public var columns: [String]?

    /// Names files and columns.
    public init(
        files: [String],
        item: String,
        category: String? = nil,
        stock: String? = nil,
        numbers: [String] = [],
        columns: [String]? = nil
    ) {
        self.files = files
        self.item = item
        self.category = category
        self.stock = stock
        self.numbers = numbers
        self.columns = columns
    }

    /// The columns that are to be read, each once; nil for all.
    var wanted: [String]? {
        guard let columns else { return nil }
        var wanted: [String] = []
        let named = [item] + [category, stock].compactMap { $0 } + numbers
        for name in named + columns where !wanted.contains(name) { wanted.append(name) }
        return wanted
    }
}
