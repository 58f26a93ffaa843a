import Foundation
import Testing

@testable import MotetServing

@Suite("Secrets that are written") struct SecretFileTests {
    private static func folder() throws -> String {
        let folder = NSTemporaryDirectory() + "motet-secret-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: folder,
            withIntermediateDirectories: true
        )
        return folder
    }

    private static func isFolder(_ descriptor: Int32) -> Bool {
        var facts = stat()
        return fstat(descriptor, &facts) == 0 && facts.st_mode & S_IFMT == S_IFDIR
    }

    @Test func theFileIsOnTheDiskBeforeItsNameAndTheNameBeforeTheEnd() throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let file = folder + "/key"
        var steps: [String] = []
        try SecretFile.write([1, 2, 3], to: file) { descriptor in
            let isNamed = FileManager.default.fileExists(atPath: file)
            steps.append((Self.isFolder(descriptor) ? "folder" : "file") + " \(isNamed)")
            return true
        }
        #expect(steps == ["file false", "folder true"])
        #expect(FileManager.default.contents(atPath: file) == Data([1, 2, 3]))
        let facts = try FileManager.default.attributesOfItem(atPath: file)
        #expect((facts[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["key"])
    }

    /// A disk that fails leaves no key that the next start could take for one that is there.
    @Test(arguments: [false, true])
    func whatDoesNotComeToTheDiskIsNotThere(_ isFolder: Bool) throws {
        let folder = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let error = #expect(throws: SecretFile.Failure.self) {
            try SecretFile.write([1], to: folder + "/key") { descriptor in
                guard Self.isFolder(descriptor) == isFolder else { return true }
                errno = EIO
                return false
            }
        }
        #expect(error?.description == String(cString: strerror(EIO)))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder).isEmpty)
    }

    @Test func aFolderThatIsNotThereIsAnError() {
        #expect(throws: SecretFile.Failure.self) {
            try SecretFile.write([1], to: NSTemporaryDirectory() + "\(UUID().uuidString)/key")
        }
    }
}
