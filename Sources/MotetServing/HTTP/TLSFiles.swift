import NIOSSL

/// Certificate and key of the public port.
enum TLSFiles {
    /// Reads the files, and checks that they belong together.
    ///
    /// - Parameter files: their paths.
    /// - Returns: TLS 1.2 or later with them.
    /// - Throws: `ServingError` with the sentence.
    static func configuration(_ files: ServingSettings.TLS) throws -> TLSConfiguration {
        func unusable(
            _ key: String,
            _ file: String,
            _ expected: String,
            _ error: any Error
        ) -> ServingError {
            ServingError(
                .tlsUnusable,
                "tls.\(key): \(file) cannot be used; expected \(expected); received \"\(error)\"."
            )
        }
        let chain: [NIOSSLCertificate]
        do { chain = try NIOSSLCertificate.fromPEMFile(files.certificate) } catch {
            throw unusable("certificate", files.certificate, "certificates in PEM", error)
        }
        let key: NIOSSLPrivateKey
        do { key = try NIOSSLPrivateKey(file: files.key, format: .pem) } catch {
            throw unusable("key", files.key, "a private key in PEM", error)
        }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) },
            privateKey: .privateKey(key)
        )
        configuration.minimumTLSVersion = .tlsv12
        do { _ = try NIOSSLContext(configuration: configuration) } catch {
            throw unusable("key", files.key, "the key of the certificate", error)
        }
        return configuration
    }
}
