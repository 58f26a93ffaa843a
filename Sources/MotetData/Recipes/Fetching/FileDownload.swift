import Foundation

#if canImport(FoundationNetworking)
import FoundationNetworking
#endif

/// Fetches one file by address: what was received before is resumed, a failure of the network is
/// tried again, and only a whole file with the right checksum gets its name.
///
/// The bytes are collected in `<destination>.partial`; beside it, `<destination>.partial.tag` holds
/// the server's tag of that version, so that two versions are never spliced.
struct FileDownload {
    /// Where the file is.
    let address: String
    /// Where it goes.
    let destination: String
    /// What is known about its bytes.
    let checksum: DatasetChecksum
    /// How often a failing connection is tried.
    var attempts = 4
    /// The pause before the second try; it doubles from try to try.
    var pauseSeconds = 1.0
    /// How long a server may stay silent.
    var timeoutSeconds = 60.0

    private var partial: String { destination + ".partial" }
    private var tagFile: String { partial + ".tag" }

    /// Fetches the file, unless it is there already.
    ///
    /// - Parameter progress: told the bytes received, and their total where the server tells it.
    /// - Throws: ``DatasetError`` with the code `download_failed` or `checksum_mismatch`.
    func run(progress: (_ received: Int, _ total: Int?) -> Void) throws {
        let manager = FileManager.default
        if manager.fileExists(atPath: destination) {
            guard case .sha256(let expected) = checksum, try SHA256.ofFile(destination) != expected
            else {
                return
            }
            try manager.removeItem(atPath: destination)
        }
        let folder = (destination as NSString).deletingLastPathComponent
        try RecipeFolder.make(folder)
        var attempt = 1
        while true {
            do {
                try transfer(progress)
                break
            } catch let problem as TransferProblem {
                guard problem.mayPass, attempt < attempts else {
                    let error = failure(problem, attempt)
                    if receivedBytes == 0 {
                        try? manager.removeItem(atPath: partial)
                        RecipeFolder.removeEmpty(folder, upTo: folder)
                    }
                    throw error
                }
                Thread.sleep(forTimeInterval: pauseSeconds * Double(1 << (attempt - 1)))
                attempt += 1
            }
        }
        try check()
        try manager.moveItem(atPath: partial, toPath: destination)
        try? manager.removeItem(atPath: tagFile)
    }

    /// One connection: asks for what is still missing and appends it.
    private func transfer(_ progress: (Int, Int?) -> Void) throws {
        guard let url = URL(string: address), url.scheme != nil else {
            throw TransferProblem(sentence: "not an address", mayPass: false)
        }
        var request = URLRequest(url: url, timeoutInterval: timeoutSeconds)
        // A server must not compress on the fly: the checksum is of the file's own bytes.
        request.setValue("identity", forHTTPHeaderField: "Accept-Encoding")
        let offset = resumableBytes()
        if offset > 0 {
            request.setValue("bytes=\(offset)-", forHTTPHeaderField: "Range")
            if let tag = try? String(contentsOfFile: tagFile, encoding: .utf8) {
                request.setValue(tag, forHTTPHeaderField: "If-Range")
            }
        }
        let receiver = try FileReceiver(partial: partial, tagFile: tagFile, offset: offset)
        try receiver.receive(request, progress)
    }

    /// The bytes a request may leave out: those of a version that can be told from others.
    private func resumableBytes() -> Int {
        let manager = FileManager.default
        let bytes = receivedBytes
        guard bytes > 0 else { return 0 }
        if manager.fileExists(atPath: tagFile) { return bytes }
        if case .sha256 = checksum { return bytes }
        return 0
    }

    private var receivedBytes: Int {
        (try? FileManager.default.attributesOfItem(atPath: partial))?[.size] as? Int ?? 0
    }

    private func check() throws {
        guard case .sha256(let expected) = checksum else { return }
        let digest = try SHA256.ofFile(partial)
        guard digest != expected else { return }
        try? FileManager.default.removeItem(atPath: partial)
        try? FileManager.default.removeItem(atPath: tagFile)
        throw DatasetError(
            .checksumMismatch,
            "download \"\(address)\": the file is not the one this recipe was written for; "
                + "expected sha256 \(expected); received \(digest). It was not kept; if the "
                + "origin published a new version, fetch it by hand and name its folder."
        )
    }

    private func failure(_ problem: TransferProblem, _ attempts: Int) -> DatasetError {
        let tries = attempts == 1 ? "one try" : "\(attempts) tries"
        let kept = receivedBytes
        let space = problem.isWriting ? " Free some space or choose another folder." : ""
        let resume =
            kept > 0
            ? " \(kept) bytes are kept and will be resumed; run the same command again."
            : problem.isWriting
                ? "" : " Check the connection, or fetch the file by hand and name its folder."
        return DatasetError(
            problem.isWriting ? .inputOutput : .downloadFailed,
            "download \"\(address)\": \(problem.sentence); expected the whole file; received "
                + "none of it complete after \(tries).\(space)\(resume)"
        )
    }
}

/// Why a connection did not bring the file, and whether another may.
struct TransferProblem: Error {
    let sentence: String
    let mayPass: Bool
    /// Whether the disk failed, not the network.
    var isWriting = false
}
