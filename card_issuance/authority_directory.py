"""What lies where in an embedded authority's directory. Everything in it is backed up together."""

ROOT, ISSUING, OCSP = "root", "issuing", "ocsp"  # folders, each with a token, its settings and its PINs
PIN_FILE = "pin.json"  # within each: {"officer", "user"}, mode 0600
SOFTHSM_SETTINGS = "softhsm2.conf"  # within each
ROOT_CERTIFICATE, ISSUING_CERTIFICATE = "root.cer", "issuing.cer"  # DER
RESPONDER_CERTIFICATE = "responder.cer"  # within ocsp/, DER; made anew long before it ends
RECORD = "record.sqlite"  # of every certificate signed
