import Foundation
import MotetCore
import Testing

@Suite("Locked folders") struct LockedFolderTests {
    /// A place for one test, which goes away with it.
    private static func place() -> String { NSTemporaryDirectory() + "motet-\(UUID().uuidString)" }

    @Test func oneOwnerHasAFolderAtATime() throws {
        let path = Self.place()
        defer { try? FileManager.default.removeItem(atPath: path) }
        let first = try LockedFolder(path + "/within")
        #expect(first.path == path + "/within")
        for _ in 0..<2 {
            let refusal = #expect(throws: LockedFolder.Refusal.self) {
                try LockedFolder(path + "/within")
            }
            #expect(refusal?.isTaken == true)
            #expect(refusal?.problem == "is used by another process")
        }
        // Another folder is nobody's.
        try LockedFolder(path).release()
        first.release()
        try LockedFolder(path + "/within").release()
    }

    @Test(arguments: [(true, 0o700), (false, 0o755)])
    func aFolderThatIsMadeIsForWhoMayReadIt(isPrivate: Bool, most: Int) throws {
        let path = Self.place()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try LockedFolder(path, isPrivate: isPrivate).release()
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        let permissions = try #require(attributes[.posixPermissions] as? Int)
        // The process's mask may take more away.
        #expect(permissions & ~most == 0, "\(String(permissions, radix: 8))")
        #expect(permissions & 0o700 == 0o700)
    }

    @Test func whatIsNoFolderIsRefusedWithTheReason() throws {
        let path = Self.place()
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data("a file".utf8).write(to: URL(fileURLWithPath: path))
        for (place, problem) in [(path, "cannot be opened"), (path + "/within", "cannot be made")] {
            let refusal = #expect(throws: LockedFolder.Refusal.self) { try LockedFolder(place) }
            #expect(refusal?.isTaken == false)
            #expect(refusal?.problem == problem)
            #expect(refusal?.reason == "Not a directory")
        }
        let other = Self.place()
        defer { try? FileManager.default.removeItem(atPath: other) }
        try FileManager.default.createDirectory(
            atPath: other + "/lock",
            withIntermediateDirectories: true
        )
        let lock = #expect(throws: LockedFolder.Refusal.self) { try LockedFolder(other) }
        #expect(lock?.problem == "cannot be opened")
        #expect(lock?.isTaken == false)
    }
}
