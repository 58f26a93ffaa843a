/// What `manifest.json` of a prepared data set says.
struct PreparedManifest: Codable, Equatable {
    /// The version of the layout this code writes, and the only one it reads.
    static let currentVersion = 2
    static let fileName = "manifest.json"

    /// A file of the folder.
    struct File: Codable, Equatable {
        var name: String
        var byteCount: Int
        /// XXH64 of its bytes, in hexadecimal.
        var checksum: String
    }

    /// A column and its files: values and, for ragged columns, offsets.
    struct Column: Codable, Equatable {
        var column: PreparedColumn
        var values: File
        var offsets: File?
    }

    var version = PreparedManifest.currentVersion
    var contentKey: String
    var rowCount: Int
    var columns: [Column]
}
