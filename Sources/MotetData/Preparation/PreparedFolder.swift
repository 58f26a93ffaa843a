import Foundation

/// A folder of the cache with the parts of one prepared data set.
///
/// `complete.json` is written last. It lists every other file with its size and time, so that a
/// folder that was cut off, or a file in it that was touched, is never taken for prepared data.
struct PreparedFolder {
    let path: String
    let key: String

    private struct Completion: Codable {
        struct File: Codable, Hashable {
            var size: Int
            var modified: [Int]
        }

        var format: Int
        var key: String
        var report: PreparationReport
        var files: [String: File]
    }

    private var completionPath: String { path + "/complete.json" }
    private var fittedFolder: URL { URL(fileURLWithPath: path + "/fitted") }

    /// Writes what was learnt.
    func save(_ fitted: FittedSchema) throws { try fitted.save(to: fittedFolder) }

    /// Writes what was done, and marks the folder complete; everything else is there.
    func complete(_ report: PreparationReport) throws {
        let completion = Completion(
            format: CacheKey.formatVersion,
            key: key,
            report: report,
            files: files()
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        let data = try encoder.encode(completion)
        do {
            try data.write(to: URL(fileURLWithPath: completionPath), options: .atomic)
        } catch {
            throw PreparationError.cannotWrite(completionPath, error)
        }
    }

    /// The prepared data, if it is complete, of this key and untouched.
    func splits(fromCache: Bool) -> PreparedSplits? {
        guard let data = FileManager.default.contents(atPath: completionPath),
            let completion = try? JSONDecoder().decode(Completion.self, from: data),
            completion.format == CacheKey.formatVersion, completion.key == key,
            completion.files == files(), let fitted = try? FittedSchema(folder: fittedFolder)
        else { return nil }
        var parts: [DataPart: PreparedDataset] = [:]
        for part in DataPart.allCases {
            let folder = path + "/" + part.rawValue
            guard FileManager.default.fileExists(atPath: folder) else { continue }
            guard let dataset = try? PreparedDataset(path: folder, contentKey: key) else {
                return nil
            }
            parts[part] = dataset
        }
        guard let training = parts[.training] else { return nil }
        return PreparedSplits(
            training: training,
            validation: parts[.validation],
            test: parts[.test],
            fitted: fitted,
            report: completion.report,
            folder: path,
            cameFromCache: fromCache
        )
    }

    /// All files but the mark of completion.
    private func files() -> [String: Completion.File] {
        var files: [String: Completion.File] = [:]
        guard let names = FileManager.default.enumerator(atPath: path) else { return files }
        for case let name as String in names where name != "complete.json" {
            var isFolder: ObjCBool = false
            let file = path + "/" + name
            guard FileManager.default.fileExists(atPath: file, isDirectory: &isFolder),
                !isFolder.boolValue, let status = FileFingerprint.Status(path: file)
            else { continue }
            files[name] = .init(size: status.size, modified: status.modified)
        }
        return files
    }
}
