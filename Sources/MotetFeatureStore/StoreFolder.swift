import Foundation
import MotetFeatures

/// The folder of a store, and what its names must survive.
struct StoreFolder {
    /// Where it is.
    let path: String

    /// The file of the log.
    var log: String { path + "/log.sqlite" }

    /// Makes the folder where there is none, and brings its name to the disk: a log that is on the disk is of no use
    /// in a folder that is not.
    func make() throws(FeatureError) {
        do {
            var missing: [String] = []
            var place = URL(fileURLWithPath: path).standardizedFileURL.path
            while place != "/", !FileManager.default.fileExists(atPath: place) {
                missing.append(place)
                place = (place as NSString).deletingLastPathComponent
            }
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true
            )
            for name in missing.reversed() {
                try Self.synchronize((name as NSString).deletingLastPathComponent)
            }
        } catch {
            throw EventDatabase.failure("cannot be made", path, error)
        }
    }

    /// The names of the snapshots.
    var snapshots: [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        return names.filter { $0.hasPrefix("state-") }.sorted()
    }

    /// Checks that the log is not missing where other files say that there was one: SQLite would begin a new one, and
    /// what is left of the old one would be removed.
    func checkLog() throws(FeatureError) {
        guard Self.size(log) == 0 else { return }
        let others = snapshots + (Self.size(log + "-wal") > 0 ? ["log.sqlite-wal"] : [])
        guard let other = others.first else { return }
        throw damaged("log.sqlite", "none beside \(other)")
    }

    /// Removes snapshots but one, such as one that was cut off.
    func removeSnapshots(but kept: String?) throws(FeatureError) {
        do {
            for name in snapshots where kept.map({ !name.hasPrefix($0) }) ?? true {
                try FileManager.default.removeItem(atPath: path + "/" + name)
            }
        } catch {
            throw EventDatabase.failure("has a snapshot that cannot be removed", path, error)
        }
    }

    /// Brings the names in the folder to the disk.
    func synchronize() throws(FeatureError) {
        do { try Self.synchronize(path) } catch {
            throw EventDatabase.failure("cannot be written", path, error)
        }
    }

    /// The sentence of a file that is not what was written.
    func damaged(_ file: String, _ received: String) -> FeatureError {
        FeatureError(
            .featureStore,
            "feature store \"\(path)\": \(file) is damaged; expected what this store wrote; received "
                + "\(Self.oneLine(received)). Take the folder from a backup, or begin a new one."
        )
    }

    /// A text of another program as a part of a sentence: its lines in one, without control characters, and not too long.
    static func oneLine(_ text: String) -> String {
        let words = text.unicodeScalars.split {
            $0.properties.isWhitespace || $0.value < 32 || $0.value == 127
        }
        let line = words.map { String(String.UnicodeScalarView($0)) }.joined(separator: " ")
        let most = 400
        return line.unicodeScalars.count <= most
            ? line : String(String.UnicodeScalarView(line.unicodeScalars.prefix(most))) + "..."
    }

    private static func size(_ file: String) -> Int {
        let values = try? FileManager.default.attributesOfItem(atPath: file)
        return values?[.size] as? Int ?? 0
    }

    private static func synchronize(_ folder: String) throws {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else {
            throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .EIO)
        }
    }
}
